"""Out-of-distribution detection: how well a score tells photos of the classes from all others."""

import pandas as pd
from sklearn.metrics import roc_auc_score, roc_curve

from imgcls._utils.arrays import Floats
from imgcls.data.ood import LEFT_OUT
from imgcls.runs.run import Run


def roc(known: Floats, unknown: Floats) -> pd.DataFrame:
    """Return the receiver operating characteristic; photos of the classes are the positives.

    Args:
        known: scores of photos of the classes, shape (n,).
        unknown: scores of others, shape (m,).

    Returns:
        One row a threshold, from the highest to the lowest: `threshold`, `tpr` (share of the known
        that reach it) and `fpr` (share of the unknown that do).
    """
    labels = [1] * len(known) + [0] * len(unknown)
    fpr, tpr, thresholds = roc_curve(labels, [*known, *unknown])
    return pd.DataFrame({"threshold": thresholds, "tpr": tpr, "fpr": fpr})


def auroc(known: Floats, unknown: Floats) -> float:
    """Return the chance that a photo of the classes scores higher than another one, 0-1."""
    labels = [1] * len(known) + [0] * len(unknown)
    return float(roc_auc_score(labels, [*known, *unknown]))


def fpr_at_tpr(table: pd.DataFrame, tpr: float) -> float:
    """Return the false positive rate of the highest threshold with this true positive rate.

    Args:
        table: as `roc` returns it.
        tpr: share of the known photos that must reach the threshold, 0-1.
    """
    return float(table.loc[table["tpr"] >= tpr, "fpr"].iloc[0])


def validation_scores(predictions: pd.DataFrame) -> Floats:
    """Return the scores of the validation photos, shape (n,), of a table as `Run.predictions`."""
    return predictions.loc[predictions["split"] == "validation", "score"].to_numpy()


def by_kind(known: Floats, unknown: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return how many pictures of each kind reach a threshold.

    Args:
        known: scores of the validation photos.
        unknown: as `Run.out_of_distribution`.
        threshold: the score from which a picture counts as known.

    Returns:
        One row a kind: `kind`, `n`, `false_positives` (number) and `auroc`.
    """
    rows = []
    for kind, group in unknown.groupby("kind", sort=False):
        scores = group["score"].to_numpy()
        rows.append((kind, len(group), int((scores >= threshold).sum()), auroc(known, scores)))
    return pd.DataFrame(rows, columns=["kind", "n", "false_positives", "auroc"])


def left_out_scores(run: Run) -> tuple[Floats, Floats]:
    """Return the scores of a leave-out run's validation photos, and of those of left-out classes.

    Raises:
        RunError: its tables cannot be read.
    """
    unknown = run.out_of_distribution()
    known = validation_scores(run.predictions())
    return known, unknown.loc[unknown["kind"] == LEFT_OUT, "score"].to_numpy()
