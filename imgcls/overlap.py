"""Imagenette's held-out photos that a network pretrained on ImageNet has been trained on before.

fastai cut Imagenette out of both parts of ImageNet and mixed them: most of the validation photos
bear names of ImageNet *training* photos (fastai/imagenette#47).
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

from imgcls.metrics import interval

UNSEEN = "ILSVRC2012_val_"  # how the names of ImageNet's own validation photos begin


@dataclass(frozen=True)
class Share:
    """How many of `n` photos were answered correctly."""

    correct: int
    n: int


def accuracy_by_origin(predictions: pd.DataFrame) -> tuple[Share, Share] | None:
    """Return the accuracy on photos of ImageNet's training part, and on the others.

    Args:
        predictions: as `imgcls.runs.Run.predictions`.

    Returns:
        None when one of the two groups is empty, as it is for other datasets.
    """
    correct = predictions["label"] == predictions["predicted"]
    unseen = predictions["file"].map(lambda file: PurePosixPath(file).name.startswith(UNSEEN))
    unseen = unseen.astype(bool)
    if unseen.all() or not unseen.any():
        return None
    seen_ones, others = correct[~unseen], correct[unseen]
    return Share(int(seen_ones.sum()), len(seen_ones)), Share(int(others.sum()), len(others))


def differ(one: Share, other: Share) -> bool:
    """Return whether the 95 % intervals of two shares do not overlap."""
    one_low, one_high = interval(one.correct, one.n)
    other_low, other_high = interval(other.correct, other.n)
    return one_high < other_low or other_high < one_low
