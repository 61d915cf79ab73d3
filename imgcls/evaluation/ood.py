"""Out-of-distribution detection: how well a score tells photos of the classes from all others."""

import msgspec
import numpy as np
import pandas as pd
from sklearn.metrics import roc_auc_score, roc_curve

from imgcls._utils.arrays import Floats
from imgcls.data.ood import LEFT_OUT
from imgcls.evaluation import metrics
from imgcls.inference.likeness import Evidence, score
from imgcls.runs.record import Likeness, Spread
from imgcls.runs.run import Run

HALVED = 40  # validation photos from which on half of them fix the threshold: 5 % of 20 is one


def fit_likeness(training: Evidence, validation: Evidence) -> Likeness | None:
    """Return what makes the score of a run, with its threshold.

    Every other validation photo fixes the threshold and the rest say how many photos it keeps; a
    few photos all fix it.

    Args:
        training: of the training photos that the run keeps, each compared with the others.
        validation: of the validation photos.

    Returns:
        None when the training photos are all alike or there are too few to have a spread.
    """
    known = (training.energies, training.similarities, training.centroids)
    spreads = [_spread(values) for values in known]
    if not all(spread.deviation > 0 and np.isfinite(spread.deviation) for spread in spreads):
        return None
    energy, similarity, centroid = spreads
    free = Likeness(
        energy=energy, similarity=similarity, centroid=centroid, threshold=0.0, kept=0, asked=0
    )
    scores = score(free, validation)
    threshold = metrics.threshold(deciding(scores))
    asked = scores[1::2] if len(scores) >= HALVED else scores[:0]
    return msgspec.structs.replace(
        free, threshold=threshold, kept=int((asked >= threshold).sum()), asked=len(asked)
    )


def deciding(scores: Floats) -> Floats:
    """Return those of the validation photos' scores that fix a threshold, see `fit_likeness`."""
    return scores[::2] if len(scores) >= HALVED else scores


def threshold(run: Run, predictions: pd.DataFrame, tpr: float) -> float:
    """Return the score that this share of the validation photos reaches.

    At 0.95 it is the run's own threshold.

    Args:
        run: the run.
        predictions: as `Run.predictions`.
        tpr: 0-1.
    """
    scores = validation_scores(predictions)
    return metrics.threshold(scores if run.record.likeness is None else deciding(scores), tpr)


def _spread(values: Floats) -> Spread:
    return Spread(mean=float(values.mean()), deviation=float(values.std()))


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
