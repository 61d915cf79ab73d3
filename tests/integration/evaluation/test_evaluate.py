"""A run's figures once more, from the photos."""

import shutil
from pathlib import Path

import pytest

from imgcls.data.dataset import open_dataset
from imgcls.data.images import ImageError
from imgcls.evaluation.evaluate import evaluate
from imgcls.runs.run import Run, RunError, load_run


def test_stored_figures_come_out_again(finished: Run, drawn_photos: Path) -> None:
    seen: list[tuple[int, int]] = []
    dataset = open_dataset(drawn_photos)
    found = evaluate(finished, dataset, lambda done, total: seen.append((done, total)))
    test, last = finished.test, finished.record.history[-1]
    assert found["test"].loss == pytest.approx(test.loss, abs=1e-3)
    assert found["test"].accuracy == pytest.approx(test.accuracy, abs=1e-3)
    assert found["test"].interval == pytest.approx(test.interval, abs=1e-3)
    assert found["test"].n == test.n
    assert found["validation"].loss == pytest.approx(last.val_loss, abs=1e-3)
    assert found["validation"].accuracy == pytest.approx(last.val_accuracy, abs=1e-3)
    assert found["validation"].n == len(dataset.split("validation"))
    held_out = found["validation"].n + found["test"].n
    assert seen == [(done, held_out) for done in range(1, held_out + 1)]


def test_other_photos_are_refused(finished: Run, drawn_photos: Path, tmp_path: Path) -> None:
    other = shutil.copytree(drawn_photos, tmp_path / "shapes")
    next(other.rglob("*.png")).unlink()
    with pytest.raises(
        RunError, match=r"was trained on other photos \(shapes\) than those in .*--data"
    ):
        evaluate(finished, open_dataset(other))


def test_photo_that_has_become_unreadable_is_named(
    finished: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(drawn_photos, tmp_path / "shapes")
    dataset = open_dataset(copy)
    gone = dataset.path(dataset.split("test")["file"].iloc[-1])
    gone.unlink()
    with pytest.raises(ImageError, match=f"{gone}: there is no such file"):
        evaluate(finished, dataset)


def test_run_without_a_program_is_refused(
    finished: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    run = load_run(shutil.copytree(finished.path, tmp_path / finished.id))
    run.file("model.tflite").unlink()
    with pytest.raises(
        RunError, match=r"its model\.tflite is not kept.*make it again: python -m imgcls train"
    ):
        evaluate(run, open_dataset(drawn_photos))
