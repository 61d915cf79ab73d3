"""How well a score tells photos of the classes from everything else."""

import pandas as pd
from sklearn.metrics import roc_auc_score, roc_curve

from imgcls._utils.arrays import Floats
from imgcls.data.ood import LEFT_OUT
from imgcls.runs.run import Run


def trade_off(known: Floats, strange: Floats) -> pd.DataFrame:
    """Return what each threshold keeps and lets in.

    Args:
        known: scores of photos of the classes, shape (n,).
        strange: scores of others, shape (m,).

    Returns:
        One row a threshold, from the highest to the lowest: `threshold`, `kept` (share of the
        known that reach it) and `accepted` (share of the strange that do).
    """
    labels = [1] * len(known) + [0] * len(strange)
    accepted, kept, thresholds = roc_curve(labels, [*known, *strange])
    return pd.DataFrame({"threshold": thresholds, "kept": kept, "accepted": accepted})


def auroc(known: Floats, strange: Floats) -> float:
    """Return the chance that a photo of the classes scores higher than another one, 0-1."""
    labels = [1] * len(known) + [0] * len(strange)
    return float(roc_auc_score(labels, [*known, *strange]))


def accepted_at(table: pd.DataFrame, kept: float) -> float:
    """Return the share of strangers let in by the highest threshold that keeps this share.

    Args:
        table: as `trade_off` returns it.
        kept: share of the known photos that must reach the threshold, 0-1.
    """
    return float(table.loc[table["kept"] >= kept, "accepted"].iloc[0])


def validation_scores(predictions: pd.DataFrame) -> Floats:
    """Return the scores of the validation photos, shape (n,), of a table as `Run.predictions`."""
    return predictions.loc[predictions["split"] == "validation", "score"].to_numpy()


def by_kind(known: Floats, strangers: pd.DataFrame, threshold: float) -> pd.DataFrame:
    """Return how many pictures of each kind reach a threshold.

    Args:
        known: scores of the validation photos.
        strangers: as `Run.strangers`.
        threshold: the score from which a picture counts as known.

    Returns:
        One row a kind: `kind`, `n`, `accepted` (number) and `auroc`.
    """
    rows = []
    for kind, group in strangers.groupby("kind", sort=False):
        scores = group["score"].to_numpy()
        rows.append((kind, len(group), int((scores >= threshold).sum()), auroc(known, scores)))
    return pd.DataFrame(rows, columns=["kind", "n", "accepted", "auroc"])


def left_out_scores(run: Run) -> tuple[Floats, Floats]:
    """Return the scores of a leave-out run's validation photos, and of those of left-out classes.

    Raises:
        RunError: its tables cannot be read.
    """
    strangers = run.strangers()
    known = validation_scores(run.predictions())
    return known, strangers.loc[strangers["kind"] == LEFT_OUT, "score"].to_numpy()
