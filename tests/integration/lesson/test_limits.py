from pathlib import Path

import pytest
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import normalize

from imgcls.charts.comparisons import accuracies, curves
from imgcls.evaluation.intervals import interval
from imgcls.lesson import limits
from imgcls.lesson.limits import DATASETS, FINE_TUNED, FROZEN, NEIGHBOR, PIXELS, SCRATCH, WAYS
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.record import NEAREST_NEIGHBORS
from imgcls.runs.run import Run, RunError
from tests.support.repository import ROOT
from tests.support.runs import copied

SHIPPED = ROOT / "models"


def put(folder: Path, finished: Run, preset: str, dataset: str, **changes: object) -> Run:
    """Copy the finished run as if it were one of this preset on this dataset."""
    path = folder / f"{preset}-{len(list(folder.iterdir()))}"
    return copied(finished, path, config=PRESETS[preset], dataset=dataset, **changes)


def test_without_runs_it_is_empty(tmp_path: Path) -> None:
    found = limits.table(tmp_path)
    assert found.empty
    assert list(found.columns) == list(limits.COLUMNS)


def test_figures_are_those_of_the_newest_finished_runs(finished: Run, tmp_path: Path) -> None:
    put(tmp_path, finished, "paper", "imagenette", created="2026-01-01T00:00:00+00:00")
    run = put(tmp_path, finished, "paper", "imagenette", created="2026-01-02T00:00:00+00:00")
    put(tmp_path, finished, "scratch", "imagenette", status="stopped")
    put(tmp_path, finished, "rate-x10", "imagenette")
    found = limits.table(tmp_path)
    assert found["run"].unique().tolist() == [run.title]
    assert found["way"].tolist() == [NEIGHBOR, FROZEN, FINE_TUNED]
    history = finished.history
    (neighbors,) = (
        known.validation.accuracy
        for known in finished.record.baselines
        if known.method == NEAREST_NEIGHBORS
    )
    assert found["accuracy"].tolist() == [
        neighbors,
        history.loc[history["phase"] == 1, "val_accuracy"].iloc[-1],
        history["val_accuracy"].iloc[-1],
    ]
    row = found.iloc[-1]
    n = finished.record.data.count("validation")
    assert row["n"] == n
    assert (row["low"], row["high"]) == interval(round(row["accuracy"] * n), n)


def test_the_small_cnn_counts_after_its_last_epoch(finished: Run, tmp_path: Path) -> None:
    put(tmp_path, finished, "scratch", "imagenette")
    (row,) = limits.table(tmp_path).to_dict("records")
    assert row["way"] == SCRATCH
    assert row["accuracy"] == finished.history["val_accuracy"].iloc[-1]


def test_the_shipped_runs_have_it_all() -> None:
    found = limits.table(SHIPPED)
    pairs = set(zip(found["dataset"], found["way"], strict=True))
    expected = {(dataset, way) for dataset in DATASETS for way in WAYS}
    assert pairs == expected - {("imagenette", PIXELS)}
    accuracy = found.set_index(["dataset", "way"])["accuracy"]
    # What the page says of them in words.
    assert accuracy["imagenette", FROZEN] > accuracy["imagenette", SCRATCH] + 0.2
    assert accuracy["digits", FROZEN] < accuracy["digits", FINE_TUNED]
    assert accuracy["digits", FROZEN] < accuracy["digits", NEIGHBOR] - 0.1


def test_pixels_of_digits_do_as_well_as_on_other_splits() -> None:
    run = store.newest(SHIPPED, "paper", "digits")
    assert run is not None
    accuracy, low, high, n = limits.pixel_neighbors(run)
    assert n == (run.predictions()["split"] == "validation").sum()
    assert (low, high) == interval(round(accuracy * n), n)
    digits = load_digits()
    expected = cross_val_score(
        KNeighborsClassifier(10), normalize(digits.data), digits.target, cv=6
    )
    assert accuracy == pytest.approx(expected.mean(), abs=0.03)


def test_digits_are_out_of_distribution_for_a_network_of_photos(
    finished: Run, tmp_path: Path
) -> None:
    run = store.newest(SHIPPED, "paper", "imagenette")
    assert run is not None
    taken, n = limits.digits_taken_for_known(run)
    assert n == 100
    table = run.out_of_distribution()
    known = table[(table["kind"] == "digits") & (table["score"] >= run.threshold)]
    assert taken == len(known) < 10
    with pytest.raises(RunError):
        limits.digits_taken_for_known(Run(tmp_path, finished.record))


def test_steps_are_batches_in_all_epochs(finished: Run) -> None:
    # 120 drawings in batches of 16 are 8 a epoch, the last one half full; there are 2 epochs.
    assert limits.steps(finished, 1) == 16


def test_chart_of_accuracies() -> None:
    photos, digits = accuracies(limits.table(SHIPPED), WAYS, DATASETS).data
    assert (photos.name, digits.name) == ("Imagenette", "Digits")
    assert (len(photos.x), len(digits.x)) == (4, 5)
    # Below each other, and each pair around the place of its way.
    assert list(digits.y) == pytest.approx([0.15, 1.15, 2.15, 3.15, 4.15])
    assert list(photos.y) == pytest.approx([0.85, 1.85, 2.85, 3.85])


def test_chart_of_curves(finished: Run) -> None:
    histories = {("digits", "one"): finished.history, ("imagenette", "two"): finished.history}
    figure = curves(histories, DATASETS)
    assert [line.name for line in figure.data] == ["Digits, one", "Imagenette, two"]
    assert [line.line.dash for line in figure.data] == ["solid", "dot"]
    assert list(figure.data[0].y) == finished.history["val_accuracy"].tolist()
    (phase_2,) = figure.layout.shapes
    assert phase_2.x0 == 2
