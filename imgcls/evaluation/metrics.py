"""Figures computed from logits and labels; the formulas are scikit-learn's and SciPy's."""

from collections.abc import Sequence
from math import nan

import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score, confusion_matrix, precision_recall_fscore_support

from imgcls._utils.arrays import Floats, Labels
from imgcls.evaluation.degenerate import diverged, finite
from imgcls.evaluation.intervals import interval
from imgcls.inference.softmax import negative_energy
from imgcls.runs.record import Scores

TRUE_POSITIVE_RATE = 0.95  # share of the validation photos that count as known


def precision_at_k(losses: pd.DataFrame, counts: Sequence[int]) -> pd.DataFrame:
    """Return how many of the photos with the highest loss do have a wrong label.

    Who cleans a dataset looks at the photos that the network disagrees with most.

    Args:
        losses: as `imgcls.runs.run.Run.training_losses`.
        counts: how many photos are looked at; numbers above that of all photos are left out.

    Returns:
        One row a count: `k`, `wrong` labels among the k highest losses, `precision` (their share)
        with its 95 % interval `low` to `high`, and `recall`, the share of all wrong labels found.
    """
    wrong = losses["label"] != losses["given_label"]
    found = wrong[losses["loss"].sort_values(ascending=False, kind="stable").index].cumsum()
    rows = []
    for k in counts:
        if k <= len(losses):
            hits = int(found.iloc[k - 1])
            rows.append((k, hits, hits / k, *interval(hits, k), hits / max(1, int(wrong.sum()))))
    return pd.DataFrame(rows, columns=["k", "wrong", "precision", "low", "high", "recall"])


def scores(logits: Floats, labels: Labels) -> Scores:
    """Return Keras's loss and accuracy for logits (n, classes) and labels (n,).

    The loss of a network whose outputs are no numbers is NaN.
    """
    correct = int(accuracy_score(labels, finite(logits).argmax(axis=1), normalize=False))
    return Scores(
        loss=nan if diverged(logits) else float(losses(logits, labels).mean()),
        accuracy=correct / len(labels),
        n=len(labels),
        interval=interval(correct, len(labels)),
    )


def losses(logits: Floats, labels: Labels) -> Floats:
    """Return the cross-entropy of each photo, shape (n,)."""
    # Not scikit-learn's log_loss: it takes no probability for smaller than 2e-16.
    each: Floats = negative_energy(logits) - logits[np.arange(len(labels)), labels]
    return each


def threshold(validation_energies: Floats, tpr: float = TRUE_POSITIVE_RATE) -> float:
    """Return the score that at least this share of the validation photos reaches."""
    return float(np.quantile(validation_energies, 1 - tpr, method="lower"))


def confusion(labels: Labels, predicted: Labels, names: list[str]) -> pd.DataFrame:
    """Return counts: one row a true class, one column a predicted one."""
    counts = confusion_matrix(labels, predicted, labels=range(len(names)))
    return pd.DataFrame(counts, index=pd.Index(names, name="true"), columns=names)


# What people read for the columns of `per_class`.
TITLES = {
    "precision": "precision",
    "precision_low": "from",
    "precision_high": "to",
    "recall": "recall",
    "recall_low": "from",
    "recall_high": "to",
    "f1": "F1",
    "called": "photos called so",
    "support": "photos of the class",
}


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
