"""Figures, against scikit-learn and against values worked out by hand."""

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import accuracy_score, classification_report, log_loss

from imgcls.evaluation.intervals import interval
from imgcls.evaluation.metrics import confusion, per_class, scores, threshold


def test_scores_are_scikit_learns() -> None:
    random = np.random.default_rng(0)
    logits, labels = random.normal(0, 2, (300, 10)), random.integers(0, 10, 300)
    found = scores(logits, labels)
    shares = softmax(logits, axis=1)
    assert found.loss == pytest.approx(log_loss(labels, shares, labels=range(10)))
    assert found.accuracy == accuracy_score(labels, shares.argmax(axis=1))
    assert found.n == 300


def test_scores_worked_out_by_hand() -> None:
    # Even odds of four classes, then 3 : 1 : 1 : 1 for the wrong class.
    logits = np.log(np.array([[1, 1, 1, 1], [3, 1, 1, 1]]))
    found = scores(logits, np.array([0, 1]))
    assert found.loss == pytest.approx((np.log(4) + np.log(6)) / 2)
    assert (found.accuracy, found.n) == (0.5, 2)


def test_classes_without_a_photo_count_among_the_probabilities() -> None:
    assert scores(np.zeros((2, 10)), np.array([3, 3])).loss == pytest.approx(np.log(10))


def test_scores_as_json_types_with_their_interval() -> None:
    found = scores(np.log([[0.5, 0.5], [0.8, 0.2]]), np.array([1, 0])).to_dict()
    low, high = interval(1, 2)
    assert found == {"loss": found["loss"], "accuracy": 0.5, "n": 2, "interval": [low, high]}


@pytest.mark.parametrize(
    ("correct", "n", "low", "high"),
    # (p + z²/2n ± z √(p(1 - p)/n + z²/4n²)) / (1 + z²/n) with z = 1.959964, to four digits.
    [
        (96, 100, 0.9016, 0.9843),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_interval_is_wilsons(correct: int, n: int, low: float, high: float) -> None:
    assert list(interval(correct, n)) == pytest.approx([low, high], abs=5e-5)


def test_threshold_keeps_at_least_95_percent_and_not_all() -> None:
    random = np.random.default_rng(0)
    for n in range(1, 400):
        energies = random.normal(0, 3, n).round(1)  # with ties
        kept = (energies >= threshold(energies)).mean()
        assert kept >= 0.95, n
    energies = random.permutation(np.arange(1000.0))
    assert (energies >= threshold(energies)).sum() == 951


def test_confusion_worked_out_by_hand() -> None:
    true = np.array([0, 0, 0, 1, 1, 3])
    called = np.array([0, 0, 1, 1, 0, 1])
    counts = confusion(true, called, ["bar", "disc", "ring", "square"])
    assert counts.loc["bar"].to_dict() == {"bar": 2, "disc": 1, "ring": 0, "square": 0}
    assert counts["disc"].to_dict() == {"bar": 1, "disc": 1, "ring": 0, "square": 1}
    assert counts.to_numpy().tolist() == [[2, 1, 0, 0], [1, 1, 0, 0], [0, 0, 0, 0], [0, 1, 0, 0]]


def test_class_by_class_worked_out_by_hand() -> None:
    true = np.array([0, 0, 0, 1, 1, 3])
    called = np.array([0, 0, 1, 1, 0, 1])
    table = per_class(true, called, ["bar", "disc", "ring", "square"])
    assert table["precision"].tolist()[:2] == pytest.approx([2 / 3, 1 / 3])
    assert table["recall"].tolist() == pytest.approx([2 / 3, 1 / 2, np.nan, 0], nan_ok=True)
    assert table["f1"].tolist()[:2] == pytest.approx([2 / 3, 2 / 5])
    assert table["called"].tolist() == [3, 3, 0, 0]
    assert table["support"].tolist() == [3, 2, 0, 1]
    assert (table.loc["bar", "recall_low"], table.loc["bar", "recall_high"]) == interval(2, 3)
    assert (table.loc["disc", "precision_low"], table.loc["disc", "precision_high"]) == interval(
        1, 3
    )
    # Of no photos nothing is known.
    assert table.loc["ring", ["precision", "recall", "recall_low", "recall_high"]].isna().all()


def test_class_by_class_is_scikit_learns() -> None:
    random = np.random.default_rng(0)
    labels, predicted = random.integers(0, 3, 200), random.integers(0, 3, 200)
    names = ["bar", "disc", "square"]
    table = per_class(labels, predicted, names)
    report = classification_report(labels, predicted, target_names=names, output_dict=True)
    for name in names:
        for figure, known in (("precision", "precision"), ("recall", "recall"), ("f1", "f1-score")):
            assert table.loc[name, figure] == pytest.approx(report[name][known])
        assert table.loc[name, "support"] == report[name]["support"]
