"""One recipe with several seeds: how far chance alone moves what comes of it."""

from dataclasses import dataclass
from importlib import resources

import pandas as pd
from scipy import stats

CONFIDENCE = 0.95


@dataclass(frozen=True)
class Difference:
    """How far the mean of one recipe, or way of learning, lies above that of another.

    Attributes:
        mean: of the accuracies of the first minus that of the second, in shares (0.01 is a point).
        low: lower end of its 95 % interval; missing (NaN) of a single seed each.
        high: upper end.
    """

    mean: float
    low: float
    high: float

    @property
    def could_be_chance(self) -> bool:
        """Whether the interval holds 0, or there is none."""
        return not (self.low > 0 or self.high < 0)


def measured() -> pd.DataFrame:
    """Return what the presets `paper` and `hires` came to on Imagenette, each with five seeds.

    Made by ``imgcls sweep --preset paper --set seed=1,2,3,4,5``, and with `hires`.

    Returns:
        One row a training: `preset`, `seed`, `val_accuracy` (0-1) and `val_loss` after the last
        epoch on `val_n` photos, `test_accuracy` and `test_loss` on `test_n` photos, and `right` of
        both together, `n` photos.
    """
    with resources.files(__package__).joinpath("seeds.csv").open() as file:
        return pd.read_csv(file)


def difference(first: pd.Series, second: pd.Series) -> Difference:
    """Return how far the mean of `first` lies above that of `second`.

    With the interval of Welch's t-test (Welch 1947), which takes the two spreads for unlike ones.

    Args:
        first: accuracies of one recipe, a seed each.
        second: those of another.
    """
    found = stats.ttest_ind(first, second, equal_var=False)
    low, high = found.confidence_interval(CONFIDENCE)
    return Difference(float(first.mean() - second.mean()), float(low), float(high))


def paired_difference(first: pd.Series, second: pd.Series) -> Difference:
    """Return how far the mean of `first` lies above that of `second`, pair by pair.

    With the interval of the paired t-test (Student 1908): what makes a draw of photos a lucky one
    for both cancels.

    Args:
        first: accuracies of one way, a draw each.
        second: those of another on the same draws, in the same order.
    """
    each = first - second
    half = stats.t.ppf((1 + CONFIDENCE) / 2, len(each) - 1) * each.sem()
    mean = float(each.mean())
    return Difference(mean, mean - float(half), mean + float(half))
