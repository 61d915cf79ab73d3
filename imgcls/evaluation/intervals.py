"""Shares with what they were counted on: intervals and differences."""

from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest


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


def rate(correct: int, n: int, of: str) -> str:
    """Return a share with what it was counted on and its 95 % Wilson score interval.

    Example:
        >>> rate(759, 768, "test photos")
        '98.8 % of 768 test photos (95 % interval 97.8 to 99.4 %)'
    """
    if n == 0:
        return f"no {of}"
    low, high = interval(correct, n)
    return (
        f"{correct / n * 100:.1f} % of {n:,} {of} "
        f"(95 % interval {low * 100:.1f} to {high * 100:.1f} %)"
    )
