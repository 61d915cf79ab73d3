import numpy as np
import pytest
from PIL import Image

from imgcls.data.ood import EACH, KINDS, pictures
from imgcls.inference.predictor import Predictor
from imgcls.runs.run import Run


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_a_hundred_different_pictures_the_same_every_time(kind: str) -> None:
    found = list(pictures(kind, 32))
    assert len(found) == EACH
    assert {picture.shape for picture in found} == {(32, 32, 3)}
    assert {picture.dtype for picture in found} == {np.dtype(np.uint8)}
    assert len({picture.tobytes() for picture in found}) == EACH
    for mine, again in zip(found, pictures(kind, 32), strict=True):
        np.testing.assert_array_equal(mine, again)


def test_a_run_keeps_what_its_program_makes_of_them(finished: Run) -> None:
    table = finished.out_of_distribution()
    assert table["kind"].value_counts().to_dict() == dict.fromkeys(KINDS, EACH)
    predictor = Predictor(finished)
    noise = next(pictures("noise", 32))
    answer = predictor.predict(Image.fromarray(noise))
    assert table["score"].iloc[0] == pytest.approx(answer.score, abs=1e-4)
