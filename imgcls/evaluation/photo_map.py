"""A run's map of photos, see `imgcls.evaluation.embedding`, and the place of a new photo on it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from imgcls._utils.arrays import FloatArray
from imgcls.inference.neighbors import Neighbors
from imgcls.runs.run import RunError

NEAREST = 5


@dataclass(frozen=True, eq=False)
class PhotoMap:
    """The training photos that a run keeps, with their places on its map.

    Attributes:
        photos: one row a photo, with x, y and label.
        neighbors: the same photos in the same order, with their features.
    """

    photos: pd.DataFrame
    neighbors: Neighbors

    @classmethod
    def of(cls, places: pd.DataFrame, neighbors: Neighbors) -> "PhotoMap":
        """Return a run's.

        Args:
            places: its map, as `imgcls.evaluation.embedding.of_run`.
            neighbors: the training photos that it keeps.

        Raises:
            RunError: they are not of the same photos.
        """
        trained = places.loc[places["split"] == "train", ["x", "y"]].reset_index(drop=True)
        if len(trained) != len(neighbors.labels):
            raise RunError("The run's map and its neighbours are not of the same photos.")
        return cls(trained.assign(label=neighbors.labels), neighbors)

    def place(self, pooled: FloatArray) -> tuple[float, float] | None:
        """Return about where a photo with these features, shape (channels,), belongs.

        t-SNE has no place for a photo that it was not made with. This is the mean of the places
        of the five most similar photos, each with its similarity as its weight. None for features
        that have nothing in common with those of any photo: all 0, say.
        """
        similarity = self.neighbors.similarities(pooled)
        nearest = np.argsort(-similarity)[:NEAREST]
        if not similarity[nearest].any():
            return None
        x, y = np.average(
            self.photos[["x", "y"]].iloc[nearest], axis=0, weights=similarity[nearest]
        )
        return float(x), float(y)
