"""Do the probabilities mean something? Of answers given with 90 %, nine in ten should be right."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.optimize import minimize_scalar

from imgcls._utils.arrays import Floats, Labels
from imgcls.evaluation.metrics import losses
from imgcls.inference.confidence import HIGHEST, LOWEST, Confidence, determined

BINS = 15  # as in Guo et al. 2017
RESAMPLES = 1_000
GRID = 400  # temperatures tried between the ends, each 1.5 % higher than the one before
# Half the 95 % quantile of chi-squared with one degree of freedom: temperatures whose
# log-likelihood is that close to the highest one are in the 95 % interval (Wilks 1938).
LIKELY = 1.92


@dataclass(frozen=True)
class Temperature:
    """What to divide logits by.

    Attributes:
        value: the temperature to be used.
        interval: the two ends of its 95 % likelihood interval.
    """

    value: float
    interval: tuple[float, float]


def fit_temperature(logits: Floats, labels: Labels) -> Temperature:
    """Return the number to divide logits by so that their softmax is calibrated.

    Guo et al. 2017, "On Calibration of Modern Neural Networks": the one that makes the mean
    cross-entropy smallest, found on photos that were not trained on. It changes how sure the
    answers are, never which class comes first.

    A few photos do not determine it: if all are right, the smaller the better. Where the interval
    is wide (see `imgcls.inference.confidence.determined`), the network's own temperature, 1, is
    kept as long as the photos do not contradict it, else the end of the interval nearest to it.

    Args:
        logits: shape (n, classes), of the validation photos.
        labels: shape (n,).
    """

    def loss(log: float) -> float:
        return float(losses(logits / np.exp(log), labels).sum())

    tried = np.linspace(np.log(LOWEST), np.log(HIGHEST), GRID)
    found = np.array([loss(log) for log in tried])
    likely = np.exp(tried[found <= found.min() + LIKELY])
    interval = (float(likely[0]), float(likely[-1]))
    if not determined(*interval):
        return Temperature(float(np.clip(1.0, *interval)), interval)
    best = minimize_scalar(loss, bounds=np.log([LOWEST, HIGHEST]), method="bounded")
    return Temperature(float(np.exp(best.x)), interval)


def compare(predictions: pd.DataFrame, confidence: Confidence) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the reliability of predictions before and after calibration.

    Args:
        predictions: rows of `Run.predictions`.
        confidence: of the run.
    """
    labels = predictions["label"].to_numpy()
    before, after = (calibrated(predictions, each) for each in (Confidence(), confidence))
    return reliability(before, labels), reliability(after, labels)


def calibrated(predictions: pd.DataFrame, confidence: Confidence) -> Floats:
    """Return the probabilities after calibration, shape (n, classes).

    Args:
        predictions: rows of `Run.predictions`.
        confidence: of the run; `Confidence()` leaves them as they are.
    """
    raw = np.stack(predictions["probabilities"].to_list()).astype(np.float64)
    # Logits up to a constant, which softmax does not see.
    return confidence.probabilities(np.log(np.maximum(raw, np.finfo(np.float64).tiny)))


def reliability(shares: Floats, labels: Labels) -> pd.DataFrame:
    """Return how often answers of each confidence are right.

    Args:
        shares: probabilities, shape (n, classes).
        labels: shape (n,).

    Returns:
        One row for each of 15 equal ranges of the highest probability that has photos: `low` and
        `high` end, mean `confidence`, `accuracy`, number of photos `n`.
    """
    confidence, right, place = _binned(shares, labels)
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


def error_interval(shares: Floats, labels: Labels) -> tuple[float, float]:
    """Return the 95 % sampling interval of the expected calibration error.

    The percentile bootstrap (Efron 1979): the error of 1,000 draws of as many photos, each photo as
    often as it is drawn. A draw's error is on average a little above the one it was drawn from,
    because it is a mean of absolute values, so the interval leans upwards.

    Args:
        shares: probabilities, shape (n, classes).
        labels: shape (n,).
    """
    confidence, right, place = _binned(shares, labels)
    gaps, photos = confidence - right, len(labels)
    random = np.random.default_rng(0)  # the same photos have the same interval
    errors = np.empty(RESAMPLES)
    for at in range(RESAMPLES):
        drawn = random.integers(photos, size=photos)
        errors[at] = np.abs(np.bincount(place[drawn], gaps[drawn])).sum() / photos
    low, high = np.quantile(errors, (0.025, 0.975)).tolist()
    return low, high


def _binned(shares: Floats, labels: Labels) -> tuple[Floats, npt.NDArray[np.bool_], Labels]:
    """Return each photo's highest probability, whether it is right, and the number of its bin."""
    confidence = shares.max(axis=1)
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    return confidence, shares.argmax(axis=1) == labels, place
