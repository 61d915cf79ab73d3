"""Photos that show nearly the same: bursts of a camera, copies, other sizes of one picture."""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from imgcls._utils.arrays import Floats, IntArray

COSINE = 0.9  # of the angle between the features of two photos
ROWS_AT_ONCE = 1024


def groups(features: Floats, cosine: float = COSINE) -> IntArray:
    """Return the number of its group for each photo; most photos are a group of their own.

    Two photos are in one group when their features are that alike, or when photos between them
    are.

    Args:
        features: of the frozen network, shape (photos, channels).
        cosine: what counts as alike.
    """
    pairs = alike(features, cosine)
    ones = np.ones(len(pairs), dtype=bool)
    links = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(features), len(features)))
    found: IntArray = connected_components(links, directed=False)[1].astype(np.int64)
    return found


def alike(features: Floats, cosine: float = COSINE) -> IntArray:
    """Return the pairs of photos whose features are that alike, shape (pairs, 2)."""
    norms = np.linalg.norm(features.astype(np.float32), axis=1, keepdims=True)
    units = features.astype(np.float32) / np.maximum(norms, np.finfo(np.float32).tiny)
    found = []
    for start in range(0, len(units), ROWS_AT_ONCE):
        rows, columns = np.nonzero(units[start : start + ROWS_AT_ONCE] @ units.T >= cosine)
        ahead = columns > rows + start
        found.append(np.stack([rows[ahead] + start, columns[ahead]], axis=1))
    return np.concatenate(found) if found else np.empty((0, 2), np.int64)
