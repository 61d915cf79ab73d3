"""The answers to the photos whose true class is known, in the order in which to look at them."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from imgcls.evaluation.calibration import calibrated
from imgcls.evaluation.intervals import Share
from imgcls.inference.confidence import Confidence

TOP = 5
UNSEEN = "ILSVRC2012_val_"  # how the names of ImageNet's own validation photos begin


def score_predictions(predictions: pd.DataFrame, confidence: Confidence) -> pd.DataFrame:
    """Return the predictions with what each answer is worth.

    Args:
        predictions: rows of `imgcls.runs.run.Run.predictions`.
        confidence: of the run; `Confidence()` leaves probabilities as they are.

    Returns:
        file, split, label, predicted, and `correct`, the calibrated probabilities of the `answer`
        and of the `truth`, and their `margin`: how much more probable the answer was.
    """
    shares = calibrated(predictions, confidence)
    rows = np.arange(len(predictions))
    answer = shares[rows, predictions["predicted"].to_numpy()]
    truth = shares[rows, predictions["label"].to_numpy()]
    return predictions[["file", "split", "label", "predicted"]].assign(
        correct=predictions["label"] == predictions["predicted"],
        answer=answer,
        truth=truth,
        margin=answer - truth,
    )


def worst_first(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the photos, those first whose answer was ahead of the truth by most."""
    return scored.sort_values(["margin", "answer"], ascending=False)


def top_losses(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the wrong answers, the most confident ones first."""
    return scored[~scored["correct"]].sort_values("answer", ascending=False)


def most_frequent_confusions(scored: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pair of classes of which one was called the other, most frequent first.

    Args:
        scored: as `score_predictions`.

    Returns:
        `label`, `predicted`, `photos` (how many), and `file` and `answer` of the one among them
        that was answered most confidently. Of pairs as frequent the most confident comes first.
    """
    pairs = top_losses(scored).groupby(["label", "predicted"], sort=False)
    first = pairs[["file", "answer"]].first()
    table = first.assign(photos=pairs.size()).reset_index()
    return table.sort_values(["photos", "answer"], ascending=False, ignore_index=True)


def least_sure_hits(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the right answers, the least confident ones first."""
    return scored[scored["correct"]].sort_values("answer")


def most_probable(probabilities: Sequence[float], names: list[str]) -> list[tuple[str, float]]:
    """Return the five most probable classes, each with its probability, from the top down.

    Args:
        probabilities: one a class.
        names: of the classes.
    """
    order = np.argsort(probabilities)[::-1][:TOP]
    return [(names[label], float(probabilities[label])) for label in order]


def accuracy_by_origin(predictions: pd.DataFrame) -> tuple[Share, Share] | None:
    """Return the accuracy on photos of ImageNet's training part, and on the others.

    Args:
        predictions: as `imgcls.runs.run.Run.predictions`.

    Returns:
        None when one of the two groups is empty, as it is for other datasets.
    """
    correct = predictions["label"] == predictions["predicted"]
    unseen = predictions["file"].map(lambda file: file.rpartition("/")[2].startswith(UNSEEN))
    unseen = unseen.astype(bool)
    if unseen.all() or not unseen.any():
        return None
    seen_ones, others = correct[~unseen], correct[unseen]
    return Share(int(seen_ones.sum()), len(seen_ones)), Share(int(others.sum()), len(others))
