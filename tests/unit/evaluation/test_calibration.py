import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from imgcls.evaluation.calibration import expected_calibration_error, reliability, temperature
from imgcls.inference.softmax import probabilities


@pytest.mark.parametrize("true", [0.5, 1.0, 3.0])
def test_temperature_is_the_one_the_labels_were_drawn_with(true: float) -> None:
    random = np.random.default_rng(0)
    logits = random.normal(scale=3, size=(20_000, 5))
    chances = softmax(logits / true, axis=1).cumsum(axis=1)
    labels = (random.random((20_000, 1)) > chances).sum(axis=1)
    found = temperature(logits, labels)
    assert found == pytest.approx(true, rel=0.03)
    raw = expected_calibration_error(reliability(probabilities(logits), labels))
    calibrated = expected_calibration_error(reliability(probabilities(logits, found), labels))
    assert calibrated < 0.02
    if true != 1:
        assert calibrated < raw / 3


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
