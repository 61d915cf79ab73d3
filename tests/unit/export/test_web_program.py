import zlib

import numpy as np
import pytest

from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.export.web_program import Packed, pack
from imgcls.inference.program import Program
from imgcls.networks.signature import LOGITS, PHOTO
from imgcls.runs.files import PROGRAM
from tests.support.shipped import shipped


def put_together(packed: Packed) -> bytes:
    program, weights = bytearray(packed.program), np.frombuffer(packed.weights, np.float16)
    for start, count in packed.places:
        program[start : start + 4 * count] = weights[:count].astype(np.float32).tobytes()
        weights = weights[count:]
    assert not weights.size
    return bytes(program)


def test_it_gives_the_same_logits_from_half_the_bytes() -> None:
    run = shipped("scratch on digits")
    content = run.file(PROGRAM).read_bytes()
    packed = pack(content, LOGITS)
    assert len(zlib.compress(packed.program) + packed.weights) < 0.52 * len(content)
    program = Program(put_together(packed))
    assert program.input_name == PHOTO
    assert program.output_names == [LOGITS]
    for photo in sample_photos().values():
        pixels = read_rgb(photo, run.config.image_size)
        (expected,), (found,) = Program(content)(pixels, LOGITS), program(pixels, LOGITS)
        np.testing.assert_allclose(found, expected, atol=0.01)


def test_weights_that_have_half_precision_already_stay_as_they_are() -> None:
    run = shipped("paper on digits")
    content = run.file(PROGRAM).read_bytes()
    pixels = read_rgb(sample_photos()["A temple"], run.config.image_size)
    (expected,), (found,) = (
        Program(each)(pixels, LOGITS) for each in (content, put_together(pack(content, LOGITS)))
    )
    np.testing.assert_array_equal(found, expected)


def test_an_output_that_is_not_there_is_told() -> None:
    content = shipped("scratch on digits").file(PROGRAM).read_bytes()
    with pytest.raises(ValueError, match="gives no tea"):
        pack(content, "tea")
