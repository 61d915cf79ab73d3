"""Do the probabilities mean something? Of answers given with 90 %, nine in ten should be right."""

import numpy as np
import pandas as pd
from scipy.optimize import minimize_scalar

from imgcls._utils.arrays import Floats, Labels
from imgcls.evaluation.metrics import losses
from imgcls.inference.softmax import probabilities

BINS = 15  # as in Guo et al. 2017
LOWEST, HIGHEST = 0.05, 20.0  # temperatures; one outside of them means that nothing was learned


def temperature(logits: Floats, labels: Labels) -> float:
    """Return the number to divide logits by so that their softmax is calibrated.

    Guo et al. 2017, "On Calibration of Modern Neural Networks": the one that makes the mean
    cross-entropy smallest, found on photos that were not trained on. It changes how sure the
    answers are, never which class comes first.

    Args:
        logits: shape (n, classes), of the validation photos.
        labels: shape (n,).
    """
    found = minimize_scalar(
        lambda log: losses(logits / np.exp(log), labels).mean(),
        bounds=np.log([LOWEST, HIGHEST]),
        method="bounded",
    )
    return float(np.exp(found.x))


def compare(predictions: pd.DataFrame, temperature: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the reliability of predictions before and after calibration.

    Args:
        predictions: rows of `Run.predictions`.
        temperature: of the run.
    """
    labels = predictions["label"].to_numpy()
    before, after = (calibrated(predictions, each) for each in (1.0, temperature))
    return reliability(before, labels), reliability(after, labels)


def calibrated(predictions: pd.DataFrame, temperature: float) -> Floats:
    """Return the probabilities after calibration, shape (n, classes).

    Args:
        predictions: rows of `Run.predictions`.
        temperature: of the run; 1 leaves them as they are.
    """
    raw = np.stack(predictions["probabilities"].to_list()).astype(np.float64)
    # Logits up to a constant, which softmax does not see.
    return probabilities(np.log(np.maximum(raw, np.finfo(np.float64).tiny)), temperature)


def reliability(shares: Floats, labels: Labels) -> pd.DataFrame:
    """Return how often answers of each confidence are right.

    Args:
        shares: probabilities, shape (n, classes).
        labels: shape (n,).

    Returns:
        One row for each of 15 equal ranges of the highest probability that has photos: `low` and
        `high` end, mean `confidence`, `accuracy`, number of photos `n`.
    """
    confidence = shares.max(axis=1)
    right = shares.argmax(axis=1) == labels
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    table = pd.DataFrame({"place": place, "confidence": confidence, "accuracy": right})
    groups = table.groupby("place")
    found = groups.mean().assign(n=groups.size()).reset_index()
    ends = {"low": found["place"] / BINS, "high": (found["place"] + 1) / BINS}
    return found.assign(**ends)[["low", "high", "confidence", "accuracy", "n"]]


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Return the mean distance of confidence and accuracy over the photos, 0-1.

    Args:
        table: as `reliability` returns it.
    """
    distance = (table["confidence"] - table["accuracy"]).abs()
    return float((distance * table["n"]).sum() / table["n"].sum())
