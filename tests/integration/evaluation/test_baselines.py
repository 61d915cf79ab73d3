import numpy as np
import pytest

from imgcls.evaluation.baselines import evaluate
from imgcls.evaluation.intervals import interval
from imgcls.runs.record import NEAREST_CENTROID, NEAREST_NEIGHBORS
from imgcls.runs.run import Run


def test_worked_out_by_hand() -> None:
    # Two directions; length does not matter. The third validation photo lies with the wrong class.
    pooled = np.array([[1, 0], [4, 0], [0, 1], [0, 3], [9, 1], [1, 8], [5, 1], [1, 2]], np.float16)
    labels = np.array([0, 0, 1, 1, 0, 1, 1, 1])
    rows = {"train": np.arange(4), "validation": np.array([4, 5, 6]), "test": np.array([7])}
    centroid, _ = evaluate(pooled, labels, rows)
    assert centroid.method == NEAREST_CENTROID
    assert centroid.validation.accuracy == pytest.approx(2 / 3)
    assert centroid.validation.interval == interval(2, 3)
    assert centroid.test.accuracy == 1
    assert centroid.test.n == 1


def test_neighbours_find_a_class_that_has_no_single_centre() -> None:
    angles = np.random.default_rng(0).uniform(0, np.pi / 2, 900)
    pooled = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float16)
    # The outer thirds are one class, the middle is the other: both have their mean in the middle.
    labels = (np.abs(angles - np.pi / 4) < np.pi / 12).astype(np.int64)
    rows = {
        "train": np.arange(700),
        "validation": np.arange(700, 800),
        "test": np.arange(800, 900),
    }
    centroid, neighbors = evaluate(pooled, labels, rows)
    assert neighbors.method == NEAREST_NEIGHBORS
    assert neighbors.test.accuracy > 0.9 > centroid.test.accuracy


@pytest.mark.parametrize("value", [0.0, 3.0, np.nan, np.inf])
def test_features_that_are_all_alike_or_no_numbers_have_none(value: float) -> None:
    pooled = np.full((6, 4), value, np.float16)
    rows = {"train": np.arange(4), "validation": np.array([4]), "test": np.array([5])}
    assert evaluate(pooled, np.array([0, 1, 0, 1, 0, 1]), rows) == ()


@pytest.mark.parametrize(("first", "methods"), [(0, 0), (1, 2)])
def test_one_training_photo_of_each_class(first: int, methods: int) -> None:
    pooled = np.random.default_rng(0).random((4, 4)).astype(np.float16)
    rows = {"train": np.arange(2), "validation": np.array([2]), "test": np.array([3])}
    # With wrong labels all of the training photos may be given the same one.
    assert len(evaluate(pooled, np.array([first, 0, 0, 1]), rows)) == methods


def test_a_run_keeps_them(finished: Run) -> None:
    for known in finished.record.baselines:
        assert known.seconds > 0
        for split, found in (("validation", known.validation), ("test", known.test)):
            assert found.n == finished.record.data.count(split)
            right = found.accuracy * found.n
            assert round(right) == pytest.approx(right)
    # Frozen features of random weights still tell drawings apart better than chance, one in three.
    assert max(known.validation.accuracy for known in finished.record.baselines) > 0.4
