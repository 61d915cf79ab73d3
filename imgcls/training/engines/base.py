"""What the two ways of training have in common, so that `training` need not know which one runs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from imgcls._utils.arrays import FloatArray, IntArray
from imgcls.config import Phase


@dataclass(frozen=True)
class Totals:
    """Sums over the photos of an epoch so far."""

    loss: float = 0.0
    correct: int = 0
    photos: int = 0

    def __add__(self, other: "Totals") -> "Totals":
        return Totals(
            self.loss + other.loss, self.correct + other.correct, self.photos + other.photos
        )

    @property
    def mean_loss(self) -> float:
        """Loss per photo; 0 before the first one."""
        return self.loss / max(self.photos, 1)

    @property
    def accuracy(self) -> float:
        """Share of photos classified correctly, with dropout on, as Keras reports it."""
        return self.correct / max(self.photos, 1)


def class_weights(labels: IntArray) -> FloatArray:
    """Return what a photo of each class counts so that all classes count alike.

    It is scikit-learn's "balanced": photos / (classes * photos of the class), shape (classes,).
    """
    counts = np.bincount(labels)
    weights: FloatArray = (len(labels) / (len(counts) * np.maximum(counts, 1))).astype(np.float32)
    return weights


OnStep = Callable[[Totals], bool]


class Engine(Protocol):
    """One way of training a model in phases."""

    @property
    def variables(self) -> list[Any]:
        """All that changes in training: weights, optimizer state, state of the dropout."""

    def start_phase(self, phase: Phase) -> None:
        """Freeze what `phase` freezes and begin with a fresh optimizer."""

    @property
    def product_type(self) -> str:
        """What the steps of this phase multiply matrices in: "float32" or "bfloat16"."""

    def train(self, rows: IntArray, on_step: OnStep) -> Totals:
        """Train on the photos in this order, batch by batch.

        Args:
            rows: row numbers in the dataset's table.
            on_step: called after every few steps with the sums so far; True stops.

        Returns:
            The sums over the photos that were trained on.
        """

    def pooled(self, rows: IntArray) -> FloatArray:
        """Return these photos' features after global average pooling, shape (n, channels)."""

    def logits(self, pooled: FloatArray) -> FloatArray:
        """Return what the head makes of features after pooling, shape (n, classes)."""
