from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax
from scipy.stats import binom

from imgcls.evaluation.calibration import (
    error_interval,
    expected_calibration_error,
    fit_temperature,
    reliability,
)
from imgcls.inference.confidence import LOWEST, Confidence
from imgcls.inference.softmax import probabilities
from imgcls.runs.run import Run
from tests.support.runs import changed, example


def drawn(true: float, photos: int, classes: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return logits whose temperature is `true`, and labels drawn accordingly."""
    random = np.random.default_rng(0)
    logits = random.normal(scale=3, size=(photos, classes))
    chances = softmax(logits / true, axis=1).cumsum(axis=1)
    return logits, (random.random((photos, 1)) > chances).sum(axis=1)


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_temperature_is_the_one_the_labels_were_drawn_with(true: float) -> None:
    logits, labels = drawn(true, 20_000)
    found = fit_temperature(logits, labels)
    assert found.value == pytest.approx(true, rel=0.03)
    assert found.interval[0] < true < found.interval[1] < 1.2 * found.interval[0]
    raw = expected_calibration_error(reliability(probabilities(logits), labels))
    calibrated = expected_calibration_error(reliability(probabilities(logits, found.value), labels))
    assert calibrated < 0.02
    if true != 1:
        assert calibrated < raw / 3


@pytest.mark.parametrize("photos", [1, 3, 10])
def test_a_few_photos_that_are_all_right_do_not_make_sure(photos: int) -> None:
    logits = np.tile([1.5, 0.0], (photos, 1))
    found = fit_temperature(logits, np.zeros(photos, np.int64))
    assert found.interval[0] == pytest.approx(LOWEST)  # likelier than any other
    confidence = Confidence(found.value, photos, calibrated=False)
    surest = confidence.probabilities(np.array([[40.0, 0.0]]))
    assert surest[0] == pytest.approx([(photos + 1) / (photos + 2), 1 / (photos + 2)])
    assert confidence.probabilities(logits).max() < (photos + 1) / (photos + 2)


def test_what_few_photos_contradict_is_given_up_as_far_as_they_do() -> None:
    # Wrong half of the time, but sure: 20 photos say that 1 is too low a temperature.
    logits, labels = np.tile([12.0, 0.0], (20, 1)), np.arange(20) % 2
    found = fit_temperature(logits, labels)
    assert found.value == found.interval[0] > 1


@pytest.mark.parametrize(
    ("temperature", "interval", "photos", "expected"),
    [
        (0.9, (0.8, 1.1), 200, Confidence(0.9, 200, True)),
        (0.9, (0.4, 1.1), 200, Confidence(0.9, 200, False)),
        (0.9, (0.05, 0.9), 200, Confidence(0.9, 200, False)),
        (0.9, None, 200, Confidence(0.9, 200, True)),  # as former versions have written
        (0.9, None, 10, Confidence(1.0, 10, False)),
        (0.05, None, 200, Confidence(1.0, 200, False)),
    ],
)
def test_confidence_of_a_run(
    temperature: float,
    interval: tuple[float, float] | None,
    photos: int,
    expected: Confidence,
) -> None:
    run = Run(Path("a"), example())
    classes = run.record.data.counts["validation"]
    counts = {**run.record.data.counts, "validation": dict.fromkeys(classes, 0)}
    counts["validation"][next(iter(classes))] = photos
    data = msgspec.structs.replace(run.record.data, counts=counts)
    known = changed(run, data=data, temperature=temperature, temperature_interval=interval)
    assert Confidence.of_run(known) == expected


@pytest.mark.parametrize(
    ("photos", "calibrated", "step"),
    [(3157, True, 0.001), (300, False, 0.01), (99, False, 0.05), (10, False, 0.1), (1, False, 0.1)],
)
def test_no_percentage_is_finer_than_the_photos_allow(
    photos: int, calibrated: bool, step: float
) -> None:
    assert Confidence(1.0, photos, calibrated).step == step


def test_reliability_by_hand() -> None:
    shares = np.array([[0.95, 0.05], [0.99, 0.01], [0.41, 0.59], [1.0, 0.0]])
    table = reliability(shares, np.array([0, 1, 1, 0]))
    # 15 ranges: 0.59 is in the ninth, from 8/15 to 9/15; the others are in the last.
    assert table["n"].tolist() == [1, 3]
    assert table["confidence"].tolist() == pytest.approx([0.59, (0.95 + 0.99 + 1) / 3])
    assert table["accuracy"].tolist() == pytest.approx([1, 2 / 3])
    assert table[["low", "high"]].to_numpy() == pytest.approx(
        np.array([[8 / 15, 9 / 15], [14 / 15, 1]])
    )
    expected = (1 * 0.41 + 3 * ((0.95 + 0.99 + 1) / 3 - 2 / 3)) / 4
    assert expected_calibration_error(table) == pytest.approx(expected)


def test_error_of_the_perfect_is_zero() -> None:
    table = pd.DataFrame({"confidence": [0.5, 1.0], "accuracy": [0.5, 1.0], "n": [10, 30]})
    assert expected_calibration_error(table) == 0


def test_the_interval_of_the_error_narrows_with_photos_and_holds_the_error() -> None:
    widths = []
    for photos in (200, 3_200):
        logits, labels = drawn(2.0, photos)
        shares = probabilities(logits)
        low, high = error_interval(shares, labels)
        assert low < expected_calibration_error(reliability(shares, labels)) < high
        widths.append(high - low)
    assert 3 < widths[0] / widths[1] < 5  # sixteen times the photos, a quarter of the width


def test_the_interval_of_the_error_is_the_one_by_hand() -> None:
    """All photos alike: the error is the distance of 0.9 from the share that is right."""
    shares, labels = np.tile([0.9, 0.1], (100, 1)), np.repeat([0, 1], [50, 50])
    expected = np.abs(0.9 - binom.ppf([0.975, 0.025], 100, 0.5) / 100)
    assert error_interval(shares, labels) == pytest.approx(expected, abs=0.015)
    assert error_interval(shares, labels) == error_interval(shares, labels)
