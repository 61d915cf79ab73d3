"""Photos that show nearly the same: bursts of a camera, copies, other sizes of one picture.

The bounds are measured, see docs/small-data.md. Two photos are alike when the network sees nearly
the same in both, and light, dark and colors lie alike too; or when the network alone sees much more
in common than it does in ordinary photos of one class. Drawings on one background all look alike to
it, so what is ordinary is measured in the dataset itself.
"""

from collections.abc import Sequence

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from imgcls._utils.arrays import Floats, IntArray
from imgcls.inference.photo_facts import PhotoFacts

COSINE = 0.88  # of the angle between the features of two photos, at least
BITS = 16  # of the 64 of the perceptual hash that may differ
COLOR = 20.0  # mean difference of the colors, 0-255, at most
OTHER_LIGHT = 30.0  # the same where features alone decide: more is another scene
# Ordinary photos of one class have a cosine of about 0.5: 1 minus 0.88 is this share of the rest.
GAP = (1 - COSINE) / (1 - 0.5)
LOW = 25  # percentile of the pairs that is ordinary: most pairs may come from one burst
SAMPLE = 400  # photos that say what is ordinary
FEWEST_PAIRS = 10  # below that nothing is known to be ordinary
ROWS_AT_ONCE = 256


def groups(facts: Sequence[PhotoFacts], labels: IntArray) -> IntArray:
    """Return the number of its group for each photo; most photos are a group of their own.

    Two photos are in one group when they are alike, or when photos between them are.

    Args:
        facts: of the photos.
        labels: their classes, shape (photos,).
    """
    pairs = alike(facts, labels)
    ones = np.ones(len(pairs), dtype=bool)
    links = coo_array((ones, (pairs[:, 0], pairs[:, 1])), shape=(len(facts), len(facts)))
    found: IntArray = connected_components(links, directed=False)[1].astype(np.int64)
    return found


def alike(facts: Sequence[PhotoFacts], labels: IntArray) -> IntArray:
    """Return the pairs of photos that are alike, shape (pairs, 2). Arguments as of `groups`."""
    if not facts:
        return np.empty((0, 2), np.int64)
    units = _units(np.stack([each.features for each in facts]))
    hashes = np.array([each.perceptual_hash for each in facts], dtype=np.uint64)
    colors = np.stack([each.colors.ravel() for each in facts]).astype(np.int16)
    bound = extraordinary(units, labels)
    found = []
    for start in range(0, len(facts), ROWS_AT_ONCE):
        cosines = units[start : start + ROWS_AT_ONCE] @ units.T
        rows, others = np.nonzero(cosines >= COSINE)
        close = cosines[rows, others] >= bound
        rows += start
        apart = np.abs(colors[rows] - colors[others]).mean(axis=1)
        close &= apart <= OTHER_LIGHT
        looks = (np.bitwise_count(hashes[rows] ^ hashes[others]) <= BITS) & (apart <= COLOR)
        kept = (others > rows) & (close | looks)
        found.append(np.stack([rows[kept], others[kept]], axis=1))
    return np.concatenate(found)


def extraordinary(units: Floats, labels: IntArray) -> float:
    """Return the cosine from which features alone say that two photos are alike.

    Args:
        units: features of length 1, shape (photos, channels).
        labels: shape (photos,).
    """
    step = max(1, len(units) // SAMPLE)
    some, of = units[::step], labels[::step]
    rows, others = np.triu_indices(len(some), 1)
    same = of[rows] == of[others]
    if np.count_nonzero(same) < FEWEST_PAIRS:
        return np.inf
    ordinary = float(np.percentile((some @ some.T)[rows[same], others[same]], LOW))
    return max(COSINE, 1 - GAP * (1 - ordinary))


def _units(features: Floats) -> Floats:
    wide = features.astype(np.float32)
    norms = np.linalg.norm(wide, axis=1, keepdims=True)
    units: Floats = wide / np.maximum(norms, np.finfo(np.float32).tiny)
    return units
