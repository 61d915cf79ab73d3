"""Training that went wrong: what its numbers still say, and why the rest cannot be computed.

A learning rate too high, or photos without content, end in outputs that are no numbers (NaN), or
in features and answers that are the same for every photo.
"""

import numpy as np
import pandas as pd

from imgcls._utils.arrays import Floats

ROUNDING = 3e-7  # by which directions differ where one photo was computed in two batches
LARGEST = 1e30  # stands for infinity where sums of squares must stay finite


def finite(values: Floats) -> Floats:
    """Return the values with 0, no preference at all, for what is no number, and no infinities."""
    return np.nan_to_num(values, nan=0.0, posinf=LARGEST, neginf=-LARGEST)


def diverged(logits: Floats) -> str | None:
    """Return why a network's answers mean nothing, or None when its outputs are numbers.

    Args:
        logits: shape (n, classes).
    """
    broken = int((~np.isfinite(logits)).any(axis=1).sum())
    if not broken:
        return None
    return (
        f"For {broken:,} of {len(logits):,} photos the network's outputs are no numbers: the "
        "training has diverged. A lower learning rate helps."
    )


def collapsed(pooled: Floats) -> str | None:
    """Return why photos cannot be compared by their features, or None when they can.

    Args:
        pooled: features after global average pooling, shape (n, channels).
    """
    if not np.isfinite(pooled).all():
        return (
            "Some of the features are no numbers: the training has diverged. A lower learning "
            "rate helps."
        )
    lengths = np.linalg.norm(pooled.astype(np.float32), axis=1, keepdims=True)
    # Compared by their directions, as everywhere: a brighter photo of the same is no other one.
    directions = pooled / np.maximum(lengths, np.finfo(np.float32).tiny)
    if np.ptp(directions, axis=0).max() < ROUNDING:
        return (
            "The network makes the same of every photo: its features have collapsed. A lower "
            "learning rate helps, unless the photos are blank."
        )
    return None


def only_answer(predictions: pd.DataFrame) -> int | None:
    """Return the label that every photo is answered with, or None when there are several.

    Of a single photo nothing can be said, so it is None too.

    Args:
        predictions: rows of `imgcls.runs.run.Run.predictions`.
    """
    found = predictions["predicted"].unique()
    return int(found[0]) if len(found) == 1 and len(predictions) > 1 else None
