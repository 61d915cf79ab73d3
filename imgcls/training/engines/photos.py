"""The decoded photos that Keras's fit and predict go through, in batches."""

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from imgcls._utils.arrays import IntArray, RgbArray
from imgcls.config import TrainConfig
from imgcls.data.crops import random_crop

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset

# Of the side that the network sees: so the smallest crops are scaled up by a third. Larger squares
# keep more of their sharpness, and take more memory.
LARGER = 5 / 4
KEPT_BYTES = 1_000_000_000  # of decoded squares; photos beyond are decoded in each epoch


class Photos:
    """Pixels of a dataset's photos by their row in its table.

    With augmentation each photo is decoded once and kept, as many as fit into `KEPT_BYTES`: the
    networks that learn from crops are small, and decoding would take longer than they do.
    """

    def __init__(self, dataset: "Dataset", config: TrainConfig) -> None:
        self._dataset = dataset
        self._files = dataset.table["file"].to_numpy()
        self._config = config
        self._kept: dict[tuple[int, int], RgbArray] = {}
        self._room = KEPT_BYTES if config.augmentation == "crops" else 0

    def whole(self, row: int) -> RgbArray:
        """Return a photo's centre square as the network sees it, shape (size, size, 3)."""
        return self._square(row, self._config.image_size)

    def crop(self, row: int, epoch: int) -> RgbArray:
        """Return the part of a photo that an epoch sees, see `imgcls.data.crops.random_crop`."""
        size = self._config.image_size
        square = self._square(row, round(size * LARGER))
        return random_crop(square, size, (self._config.seed, epoch, row))

    def _square(self, row: int, size: int) -> RgbArray:
        known = self._kept.get((row, size))
        if known is not None:
            return known
        found = self._dataset.read(self._files[row], size)
        if found.nbytes <= self._room:
            self._room -= found.nbytes
            self._kept[row, size] = found
        return found


class PhotoBatches(keras.utils.PyDataset):
    """Batches of photos and their labels, in the order of `rows`.

    Args:
        photo: row -> pixels.
        labels: of all rows of the dataset's table.
        rows: the photos wanted.
        size: of a batch.
    """

    def __init__(
        self, photo: Callable[[int], RgbArray], labels: IntArray, rows: IntArray, size: int
    ) -> None:
        # Decoding lets go of Python's lock, so threads keep both cores busy.
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=4)
        self._photo = photo
        self._labels = labels
        self._rows = rows
        self._size = size

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._size)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        rows = self._rows[index * self._size : (index + 1) * self._size]
        return np.stack([self._photo(row) for row in rows.tolist()]), self._labels[rows]
