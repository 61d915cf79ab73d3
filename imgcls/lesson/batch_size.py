"""What the batch size changes: steps an epoch, and the noise of each step's gradient."""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd

from imgcls._utils.arrays import Floats, Labels

DRAWS = 200  # batches of each size


def steps_per_epoch(photos: int, batch_size: int) -> int:
    """Return how many updates of the weights one pass over the photos makes."""
    return math.ceil(photos / batch_size)


def gradients(probabilities: Floats, labels: Labels) -> Floats:
    """Return the gradient of each photo's cross-entropy by its logits, shape (n, classes).

    It is also the gradient by the biases of the last layer: the probability given to a class,
    minus one where the class is the true one (Bishop 2006, equation 4.109).

    Args:
        probabilities: shape (n, classes).
        labels: shape (n,).
    """
    found: Floats = probabilities - np.eye(probabilities.shape[1])[labels]
    return found


def noise(found: Floats, sizes: Sequence[int], seed: int = 0) -> pd.DataFrame:
    """Return how far the mean gradient of a batch is from that of all photos.

    Args:
        found: each photo's gradient, shape (n, values).
        sizes: batch sizes.
        seed: of the batches drawn, with photos put back.

    Returns:
        One row a size, columns "batch_size", "measured" (root of the mean squared distance over
        200 batches) and "expected" (the spread of the photos' gradients over the root of the size:
        the standard error of a mean).
    """
    random = np.random.default_rng(seed)
    everything = found.mean(axis=0)
    spread = math.sqrt(found.var(axis=0).sum())
    rows = []
    for size in sizes:
        batches = found[random.integers(len(found), size=(DRAWS, size))].mean(axis=1)
        distance = np.square(batches - everything).sum(axis=1).mean()
        rows.append((size, math.sqrt(distance), spread / math.sqrt(size)))
    return pd.DataFrame(rows, columns=["batch_size", "measured", "expected"])
