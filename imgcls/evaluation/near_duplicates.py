"""Photos that show nearly the same: bursts of a camera, copies, other sizes of one picture."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from imgcls._utils.arrays import Floats, IntArray
from imgcls.inference.photo_facts import PhotoFacts

# What the network sees, where light and dark lie, and the colors have to agree. The network alone
# takes drawings of one shape for copies, wherever it lies and whatever color it has: of 201
# drawings it makes 4 groups, all three make 143; of 60 digits 1 and 46. Of 120 photos in bursts of
# three (Imagenette; moved and zoomed by up to 7 %, turned by up to 3 degrees, light changed by up
# to 10 %) all three make the 40 groups that there are, and of 80 different photos 80.
COSINE = 0.9  # of the angle between the features of two photos, at least
BITS = 16  # of the 64 of the perceptual hash that may differ
COLOR = 20.0  # mean difference of the colors, 0-255, at most
ROWS_AT_ONCE = 256


def groups(facts: Sequence[PhotoFacts]) -> IntArray:
    """Return the number of its group for each photo; most photos are a group of their own.

    Two photos are in one group when they are alike, or when photos between them are.
    """
    pairs = alike(facts)
    ones = np.ones(len(pairs), dtype=bool)
    links = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(facts), len(facts)))
    found: IntArray = connected_components(links, directed=False)[1].astype(np.int64)
    return found


def alike(facts: Sequence[PhotoFacts]) -> IntArray:
    """Return the pairs of photos that are alike, shape (pairs, 2)."""
    if not facts:
        return np.empty((0, 2), np.int64)
    units = _units(np.stack([each.features for each in facts]))
    hashes = np.array([each.perceptual_hash for each in facts], dtype=np.uint64)
    colors = np.stack([each.colors.ravel() for each in facts]).astype(np.int16)
    found = []
    for start in range(0, len(facts), ROWS_AT_ONCE):
        rows, others = np.nonzero(units[start : start + ROWS_AT_ONCE] @ units.T >= COSINE)
        rows += start
        kept = (others > rows) & (np.bitwise_count(hashes[rows] ^ hashes[others]) <= BITS)
        rows, others = rows[kept], others[kept]
        kept = np.abs(colors[rows] - colors[others]).mean(axis=1) <= COLOR
        found.append(np.stack([rows[kept], others[kept]], axis=1))
    return np.concatenate(found)


def _units(features: Floats) -> Floats:
    wide = features.astype(np.float32)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    units: Floats = wide / np.maximum(norms, np.finfo(np.float32).tiny)
    return units
