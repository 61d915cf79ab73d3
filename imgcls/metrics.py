"""Figures computed from logits and labels; the formulas are scikit-learn's and SciPy's."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import binomtest
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from imgcls.logits import Floats, energy

KEPT = 0.95  # share of validation photos that the threshold of `known` keeps

Labels = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Scores:
    """Loss and accuracy on `n` photos, with the accuracy's 95 % Wilson score interval."""

    loss: float
    accuracy: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end of the interval."""
        return interval(round(self.accuracy * self.n), self.n)

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain JSON types."""
        return {**asdict(self), "interval": list(self.interval)}


def scores(logits: Floats, labels: Labels) -> Scores:
    """Return Keras's loss and accuracy for logits (n, classes) and labels (n,)."""
    return Scores(
        loss=float(losses(logits, labels).mean()),
        accuracy=float(accuracy_score(labels, logits.argmax(axis=1))),
        n=len(labels),
    )


def losses(logits: Floats, labels: Labels) -> Floats:
    """Return the cross-entropy of each photo, shape (n,)."""
    # Not scikit-learn's log_loss: it takes no probability for smaller than 2e-16.
    each: Floats = energy(logits) - logits[np.arange(len(labels)), labels]
    return each


def threshold(validation_energies: Floats, kept: float = KEPT) -> float:
    """Return the score that at least this share of the validation photos reaches."""
    return float(np.quantile(validation_energies, 1 - kept, method="lower"))


def confusion(labels: Labels, predicted: Labels, names: list[str]) -> pd.DataFrame:
    """Return counts: one row a true class, one column a predicted one."""
    counts = confusion_matrix(labels, predicted, labels=range(len(names)))
    return pd.DataFrame(counts, index=pd.Index(names, name="true"), columns=names)


def per_class(labels: Labels, predicted: Labels, names: list[str]) -> pd.DataFrame:
    """Return how well each class is found, scikit-learn's figures with 95 % Wilson intervals.

    Returns:
        One row a class, its name as the index: `precision` (of the photos called so, the share that
        are) and `recall` (of the photos of the class, the share that were called so), each with
        `_low` and `_high` ends; `f1`, their harmonic mean; `called` and `support`, the numbers of
        photos called so and of the class. A share of no photos is NaN.
    """
    counts = confusion(labels, predicted, names).to_numpy()
    precision, recall, f1, support = precision_recall_fscore_support(
        labels, predicted, labels=range(len(names)), zero_division=np.nan
    )
    called = counts.sum(axis=0)
    table = pd.DataFrame(index=pd.Index(names, name="class"))
    for name, share, of in (("precision", precision, called), ("recall", recall, support)):
        ends = [interval(int(hits), int(n)) for hits, n in zip(counts.diagonal(), of, strict=True)]
        table[name] = share
        table[f"{name}_low"], table[f"{name}_high"] = zip(*ends, strict=True)
    return table.assign(f1=f1, called=called, support=support)


def interval(correct: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson score interval of a share of `correct` in `n`; of none, NaN."""
    if n == 0:
        return np.nan, np.nan
    found = binomtest(correct, n).proportion_ci(confidence_level=0.95, method="wilson")
    return float(found.low), float(found.high)
