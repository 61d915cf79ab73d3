"""Every kind of file, asked about from Python and from the command line."""

import io
import json
import os
import subprocess
import sys
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcls.charts.drawings.overlays import draw
from imgcls.data.images import ImageError
from imgcls.data.uploads import pictures
from imgcls.inference.explanation import SHOWN, Explanation, centre_square, explain
from imgcls.inference.predictor import Predictor
from imgcls.runs.run import Run
from tests.support.pictures import ALL, ARCHIVES, BAD, GOOD, Kind, of_size, png
from tests.support.repository import ROOT


@pytest.fixture(scope="module")
def predictor(finished: Run) -> Predictor:
    return Predictor(finished)


def test_there_are_sixty_kinds() -> None:
    assert len(ALL) + len(ARCHIVES) >= 60


def assert_outcome(kind: Kind, error: str | None, *, bad: bool) -> None:
    assert (error is not None) == bad
    if error is not None:
        assert kind.error in error
        assert error.endswith(".")
        assert "\n" not in error


@pytest.mark.parametrize("name", ALL)
def test_each_gets_its_outcome(predictor: Predictor, name: str) -> None:
    answered = explain(predictor, name, ALL[name].make())
    assert_outcome(ALL[name], answered.error or None, bad=name in BAD)
    if name in GOOD:
        assert answered.answer is not None
        assert answered.answer.probability > 0
        assert answered.grad_cam.shape == (1, 1)
        assert len(answered.nearest) == 5
        with Image.open(io.BytesIO(answered.thumbnail)) as thumbnail:
            assert max(thumbnail.size) <= SHOWN
        assert answered.icon.startswith("data:image/jpeg;base64,")
        assert draw(answered, heat=True).size == draw(answered, heat=False).size


@pytest.mark.parametrize("name", ARCHIVES)
def test_each_archive_gets_its_outcome(predictor: Predictor, name: str) -> None:
    ((inside, content),) = pictures(name, ARCHIVES[name].make())
    answered = explain(predictor, inside, content)
    assert_outcome(ARCHIVES[name], answered.error or None, bad=bool(ARCHIVES[name].error))


def test_the_command_line_gives_each_the_same_outcome(
    predictor: Predictor, finished: Run, tmp_path: Path
) -> None:
    kinds = {f"{number:02d}.jpg": kind for number, kind in enumerate(ALL.values())}
    for file, kind in kinds.items():
        (tmp_path / "photos" / file).parent.mkdir(exist_ok=True)
        (tmp_path / "photos" / file).write_bytes(kind.make())
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    said = subprocess.run(
        [*(sys.executable, "-m", "imgcls", "predict", "photos", "--json"), "--run", finished.id],
        cwd=tmp_path,
        env={
            **os.environ,
            "IMGCLS_MODELS": str(finished.path.parent),
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert said.returncode == 1, said.stderr  # some were bad
    assert "Traceback" not in said.stderr
    answers = json.loads(said.stdout)
    assert len(answers) == len(kinds)
    for answer in answers:
        kind = kinds[Path(answer["file"]).name]
        assert_outcome(kind, answer.get("error"), bad=kind in BAD.values())
        if "error" not in answer:
            here = explain(predictor, answer["file"], kind.make()).to_dict()
            assert {**here, "seconds": 0} == {**answer, "seconds": 0}
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_bomb_costs_neither_memory_nor_time(predictor: Predictor) -> None:
    bomb = png(40_000, 40_000, bits=8, colour=2)
    explain(predictor, "first", of_size(9, 9)())
    tracemalloc.start()
    started = time.process_time()
    try:
        answered = explain(predictor, "bomb.png", bomb)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()
    assert time.process_time() - started < 1
    assert "40,000 x 40,000" in answered.error


def test_an_error_found_before_is_the_outcome(predictor: Predictor) -> None:
    assert explain(predictor, "a", ImageError("because.")).error == "because."


def test_what_the_file_is_said_to_be(predictor: Predictor) -> None:
    def note(name: str) -> str:
        return explain(predictor, name, ALL[name].make()).note

    assert note("orientation 6") == "JPEG, 96 x 120 pixels"
    assert note("twelve million pixels") == "JPEG, 4,000 x 3,000 pixels"
    assert note("animated WebP").endswith("the first picture of several in the file")
    assert note("JPEG of two pictures, as phones make them") == "JPEG, 96 x 96 pixels"


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((100, 100), (0, 0, 1, 1)),
        ((200, 100), (0.25, 0, 0.75, 1)),
        ((100, 400), (0, 0.375, 1, 0.625)),
    ],
)
def test_centre_square(size: tuple[int, int], box: tuple[float, ...]) -> None:
    assert centre_square(*size) == pytest.approx(box)


def drawn(grad_cam: list[list[float]], size: tuple[int, int]) -> Explanation:
    content = io.BytesIO()
    Image.new("RGB", size, (100, 100, 100)).save(content, "JPEG")
    return Explanation(
        "a",
        thumbnail=content.getvalue(),
        seen=centre_square(*size),
        grad_cam=np.array(grad_cam, np.float32),
    )


def test_what_the_network_does_not_see_is_dimmed() -> None:
    found = np.asarray(draw(drawn([[0]], (300, 100)), heat=False)).mean(axis=2)
    assert found[50, 50] < 70
    assert found[50, 250] < 70
    assert abs(found[50, 150] - 100) < 5


def test_heat_is_where_the_evidence_is() -> None:
    found = np.asarray(draw(drawn([[9, 0], [0, 0]], (100, 100)), heat=True)).astype(int)
    assert found[10, 10, 0] - found[10, 10, 2] > 100  # orange
    assert abs(found[90, 90, 0] - found[90, 90, 2]) < 5  # as it was
