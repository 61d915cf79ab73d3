import numpy as np
import pandas as pd
import pytest

from imgcls.evaluation.degenerate import LARGEST, collapsed, diverged, finite, only_answer


def test_what_is_no_number_counts_as_no_preference() -> None:
    found = finite(np.array([[np.nan, np.nan], [np.inf, 1], [-np.inf, 2]]))
    assert found.tolist() == [[0, 0], [LARGEST, 1], [-LARGEST, 2]]


def test_a_network_has_diverged_when_any_output_is_no_number() -> None:
    logits = np.zeros((4, 3), np.float32)
    assert diverged(logits) is None
    logits[1, 2], logits[3] = np.inf, np.nan
    assert str(diverged(logits)).startswith(
        "For 2 of 4 photos the network's outputs are no numbers"
    )


@pytest.mark.parametrize(
    ("pooled", "why"),
    [
        ([[1, 2], [1, 2]], "the same of every photo"),
        ([[0, 0], [0, 0]], "the same of every photo"),
        ([[1, 2], [2, 4]], "the same of every photo"),  # one direction, as they are compared
        ([[np.nan, 2], [1, 2]], "no numbers"),
        ([[1, 2], [1, 3]], "None"),
    ],
)
def test_features_collapse(pooled: list[list[float]], why: str) -> None:
    assert why in str(collapsed(np.array(pooled, np.float32)))


@pytest.mark.parametrize(("answers", "label"), [([2, 2, 2], 2), ([0, 0], 0), ([0, 1], None)])
def test_one_answer_for_everything(answers: list[int], label: int | None) -> None:
    assert only_answer(pd.DataFrame({"predicted": answers})) == label
    assert only_answer(pd.DataFrame({"predicted": answers[:1]})) is None
