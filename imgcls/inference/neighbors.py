"""The training photos that a network finds most like a photo."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from imgcls._utils.arrays import FloatArray

NEAREST = 5  # whose mean similarity says how like the training photos a photo is
PHOTOS = 2_000  # kept of a run, as many of each class
STEPS = 127  # int8 is fine enough for an order, and an eighth of the size


@dataclass(frozen=True)
class Neighbor:
    """A training photo.

    Attributes:
        file: as in the dataset's table.
        label: its class.
        similarity: cosine of the angle between the two photos' features, 0-1.
    """

    file: str
    label: int
    similarity: float


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Training photos with their features after global average pooling.

    Attributes:
        files: shape (n,).
        labels: shape (n,).
        steps: their features, shape (n, channels), of equal length and rounded to whole steps.
    """

    files: npt.NDArray[np.str_]
    labels: npt.NDArray[np.int64]
    steps: npt.NDArray[np.int8]

    @cached_property
    def _units(self) -> FloatArray:
        # Cosines do not depend on the scale of the steps. Whole numbers are all finite, so that
        # dividing in place is enough: a third of the time that `_unit` takes, in every new process.
        units = self.steps.astype(np.float32)
        units /= np.maximum(np.sqrt(np.vecdot(units, units)), 1)[:, np.newaxis]
        return units

    @classmethod
    def of(
        cls, files: npt.NDArray[np.str_], labels: npt.NDArray[np.int64], pooled: FloatArray
    ) -> "Neighbors":
        """Return those with these pooled features, shape (n, channels), of any length.

        Features that are no numbers, or all 0, are like none: their similarities are 0.
        """
        unit = _unit(pooled)
        highest = max(unit.max(), np.finfo(np.float32).tiny)
        return cls(files, labels, np.round(unit / highest * STEPS).astype(np.int8))

    def save(self, path: Path) -> None:
        """Write them. Raises OSError."""
        np.savez_compressed(path, files=self.files, labels=self.labels, steps=self.steps)

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "Neighbors":
        """Read what `save` has written. Raises OSError or ValueError."""
        with np.load(file) as arrays:
            return cls(**arrays)

    def nearest(self, pooled: FloatArray, count: int) -> list[Neighbor]:
        """Return the `count` most similar ones to pooled features, shape (channels,)."""
        similarity = self.similarities(pooled)
        return [
            Neighbor(str(self.files[row]), int(self.labels[row]), float(similarity[row]))
            for row in np.argsort(-similarity)[:count]
        ]

    def similarities(self, pooled: FloatArray) -> FloatArray:
        """Return each one's similarity to pooled features, shape (channels,): cosines (n,)."""
        # A product of matrices would wake all threads of BLAS, which takes a hundred times as long
        # where the cores are busy.
        found: FloatArray = np.vecdot(self._units, _unit(pooled[np.newaxis])[0])
        return found

    def similarity(self, pooled: FloatArray) -> FloatArray:
        """Return how like the training photos some photos are, shape (n,), at most 1.

        It is the mean cosine to the five most similar ones.

        Args:
            pooled: their features, shape (n, channels).
        """
        if len(pooled) == 1:
            return _mean_of_highest(self.similarities(pooled[0])[np.newaxis])
        return _mean_of_highest(_unit(pooled) @ self._units.T)

    def similarity_among(self) -> FloatArray:
        """Return the `similarity` of each training photo to the others, shape (n,)."""
        cosines = self._units @ self._units.T
        np.fill_diagonal(cosines, -np.inf)
        return _mean_of_highest(cosines, of=len(cosines) - 1)

    def centroid_similarity(self, pooled: FloatArray) -> FloatArray:
        """Return how far photos differ from the mean as one of the classes does, shape (n,).

        It is the cosine between the difference of a photo from the mean of the training photos and
        that of the class's mean, for the class where it is highest: -1 to 1.

        Args:
            pooled: their features, shape (n, channels).
        """
        mean, classes = self._centroids
        cosines = np.vecdot(classes, _unit(_unit(pooled) - mean)[:, np.newaxis])
        found: FloatArray = cosines.max(axis=1)
        return found

    @cached_property
    def _centroids(self) -> tuple[FloatArray, FloatArray]:
        """The mean (channels,), and the ways from it to those of classes (classes, channels)."""
        mean = self._units.mean(axis=0)
        means = [self._units[self.labels == label].mean(axis=0) for label in np.unique(self.labels)]
        return mean, _unit(np.stack(means) - mean)

    def centroid_similarity_among(self) -> FloatArray:
        """Return the `centroid_similarity` of each training photo, shape (n,), by the other ones.

        A mean of few photos lies near each of them: with itself in it a photo would be too similar.
        """
        units, photos = self._units, len(self.labels)
        means = (units.sum(axis=0) - units) / max(photos - 1, 1)
        away, highest = _unit(units - means), np.full(photos, -1, np.float32)
        for label in np.unique(self.labels):
            own = (self.labels == label)[:, np.newaxis]
            count = own.sum() - own  # of the class's other photos
            of_class = units.sum(axis=0, where=own) - np.where(own, units, 0)
            cosines = np.vecdot(away, _unit(of_class / np.maximum(count, 1) - means))
            np.maximum(highest, cosines, out=highest, where=count[:, 0] > 0)
        return highest


def _unit(features: FloatArray) -> FloatArray:
    """Return features (n, channels) of length 1; of length 0 where they are no numbers."""
    numbers = np.isfinite(features).all(axis=1, keepdims=True)
    features = np.where(numbers, features, 0)
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    unit: FloatArray = features / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit


def _mean_of_highest(cosines: FloatArray, of: int | None = None) -> FloatArray:
    """Return the mean of the highest values of each row, of which `of` may count."""
    count = min(NEAREST, cosines.shape[1] if of is None else of)
    highest: FloatArray = np.partition(cosines, -count, axis=1)[:, -count:]
    found: FloatArray = highest.mean(axis=1)
    return found
