"""Shares with what they were counted on: intervals and differences."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from imgcls._utils.formatting import counted
from imgcls.runs.record import Scores


# SciPy tests a hypothesis too, which nobody asks for: a millisecond each.
@lru_cache(maxsize=10_000)
def interval(correct: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share of `correct` in `n`; of none, NaN."""
    if n == 0:
        return np.nan, np.nan
    found = binomtest(correct, n).proportion_ci(confidence_level=0.95, method="wilson")
    return float(found.low), float(found.high)


@dataclass(frozen=True)
class Share:
    """How many of `n` photos were answered correctly."""

    correct: int
    n: int


def differ(one: Share, other: Share) -> bool:
    """Return whether the 95 % intervals of two shares do not overlap."""
    one_low, one_high = interval(one.correct, one.n)
    other_low, other_high = interval(other.correct, other.n)
    return one_high < other_low or other_high < one_low


def table(shares: Mapping[str, Share]) -> pd.DataFrame:
    """Return shares side by side, a row each: `name`, `share`, `low`, `high` (0-1) and `n`.

    Low and high are the ends of the 95 % interval; of no photos, share and ends are NaN.
    """
    rows = [
        (name, each.correct / each.n if each.n else np.nan, *interval(each.correct, each.n), each.n)
        for name, each in shares.items()
    ]
    return pd.DataFrame(rows, columns=["name", "share", "low", "high", "n"])


def rate(correct: int, n: int, of: str) -> str:
    """Return a share with what it was counted on, in the plural, and its 95 % Wilson interval.

    Example:
        >>> rate(759, 768, "test photos")
        '98.8 % of 768 test photos (95 % interval 97.8 to 99.4 %)'
    """
    if n == 0:
        return f"no {of}"
    return f"{correct / n * 100:.1f} % of {counted(n, of)} ({told(interval(correct, n))})"


def tested(test: Scores) -> str:
    """Return the share of a run's test photos that were answered right, see `rate`."""
    return rate(round(test.accuracy * test.n), test.n, "test photos")


def told(ends: tuple[float, float]) -> str:
    """Return the ends of a 95 % interval, 0-1, such as "95 % interval 97.8 to 99.4 %"."""
    low, high = ends
    return f"95 % interval {low * 100:.1f} to {high * 100:.1f} %"
