"""The answers to the photos whose true class is known, in the order in which to look at them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from imgcls.calibration import calibrated

TOP = 5


def judge(predictions: pd.DataFrame, temperature: float) -> pd.DataFrame:
    """Return the predictions with what each answer is worth.

    Args:
        predictions: rows of `imgcls.runs.Run.predictions`.
        temperature: of the run, see `imgcls.calibration`; 1 leaves probabilities as they are.

    Returns:
        file, split, label, predicted, and `correct`, the calibrated probabilities of the `answer`
        and of the `truth`, and their `margin`: how much more probable the answer was.
    """
    shares = calibrated(predictions, temperature)
    rows = np.arange(len(predictions))
    answer = shares[rows, predictions["predicted"].to_numpy()]
    truth = shares[rows, predictions["label"].to_numpy()]
    return predictions[["file", "split", "label", "predicted"]].assign(
        correct=predictions["label"] == predictions["predicted"],
        answer=answer,
        truth=truth,
        margin=answer - truth,
    )


def worst_first(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the photos, those first whose answer was ahead of the truth by most."""
    return judged.sort_values(["margin", "answer"], ascending=False)


def surest_mistakes(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the wrong answers, the most confident ones first."""
    return judged[~judged["correct"]].sort_values("answer", ascending=False)


def least_sure_hits(judged: pd.DataFrame) -> pd.DataFrame:
    """Return the right answers, the least confident ones first."""
    return judged[judged["correct"]].sort_values("answer")


def most_probable(probabilities: Sequence[float], names: list[str]) -> list[tuple[str, float]]:
    """Return the five most probable classes, each with its probability, from the top down.

    Args:
        probabilities: one a class.
        names: of the classes.
    """
    order = np.argsort(probabilities)[::-1][:TOP]
    return [(names[label], float(probabilities[label])) for label in order]
