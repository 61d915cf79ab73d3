import numpy as np
import pandas as pd
import pytest

from imgcls.evaluation.predictions import (
    least_sure_hits,
    most_frequent_confusions,
    score_predictions,
    top_losses,
    worst_first,
)
from imgcls.inference.confidence import Confidence

TABLE = pd.DataFrame(
    {
        "file": ["a", "b", "c", "d"],
        "split": "test",
        "label": [0, 1, 1, 0],
        "predicted": [0, 0, 1, 2],
        "probabilities": [
            np.array(row, np.float32)
            for row in ([0.5, 0.3, 0.2], [0.6, 0.3, 0.1], [0.1, 0.9, 0.0], [0.1, 0.0, 0.9])
        ],
    }
)


def test_each_answer_beside_the_truth() -> None:
    scored = score_predictions(TABLE, Confidence())
    assert scored["correct"].tolist() == [True, False, True, False]
    assert scored["answer"].tolist() == pytest.approx([0.5, 0.6, 0.9, 0.9])
    assert scored["truth"].tolist() == pytest.approx([0.5, 0.3, 0.9, 0.1])
    assert scored["margin"].tolist() == pytest.approx([0, 0.3, 0, 0.8])


def test_in_the_order_in_which_to_look_at_them() -> None:
    scored = score_predictions(TABLE, Confidence())
    assert top_losses(scored)["file"].tolist() == ["d", "b"]
    assert least_sure_hits(scored)["file"].tolist() == ["a", "c"]
    assert worst_first(scored)["file"].tolist() == ["d", "b", "c", "a"]


def test_pairs_of_classes_by_how_often_one_is_called_the_other() -> None:
    more = pd.concat([TABLE, TABLE.iloc[[1]].assign(file="e")])
    pairs = most_frequent_confusions(score_predictions(more, Confidence()))
    assert pairs[["label", "predicted", "photos"]].to_numpy().tolist() == [[1, 0, 2], [0, 2, 1]]
    assert pairs["file"].tolist() == ["b", "d"]
    right = score_predictions(TABLE[TABLE["label"] == TABLE["predicted"]], Confidence())
    assert most_frequent_confusions(right).empty


def test_probabilities_are_calibrated() -> None:
    # 0.6, 0.3, 0.1 to the power of 1/2, divided by their sum.
    roots = np.sqrt([0.6, 0.3, 0.1])
    scored = score_predictions(TABLE, Confidence(2.0))
    assert scored["answer"].iloc[1] == pytest.approx(roots[0] / roots.sum())
    assert scored["truth"].iloc[1] == pytest.approx(roots[1] / roots.sum())
