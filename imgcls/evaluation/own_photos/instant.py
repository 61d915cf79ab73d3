"""A classifier that is trained in milliseconds: logistic regression on frozen features."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from imgcls._utils.arrays import Floats, IntArray

if TYPE_CHECKING:
    from threadpoolctl import ThreadpoolController

# Inverse strength of the L2 penalty. Measured on Imagenette with 5 to 50 photos a class it is
# 2 to 3 points better than the nearest class centroid; see docs/small-data.md.
C = 0.1
STEPS = 200  # of the solver; it ends long before on features like these


@dataclass(frozen=True, eq=False)
class InstantClassifier:
    """What logistic regression has learned.

    Attributes:
        classes: names, in the order of the columns below.
        kernel: shape (channels, classes).
        bias: shape (classes,).
    """

    classes: tuple[str, ...]
    kernel: Floats
    bias: Floats

    def predict(self, features: Floats) -> list[tuple[str, float]]:
        """Return all classes with their probabilities, the most probable first.

        Args:
            features: of one photo, shape (channels,), see `imgcls.inference.photo_facts`.
        """
        logits = features.astype(np.float64) @ self.kernel + self.bias
        shares = np.exp(logits - logits.max())
        shares /= shares.sum()
        return [(self.classes[label], float(shares[label])) for label in np.argsort(-shares)]


def fit(
    features: Floats,
    labels: IntArray,
    classes: Sequence[str],
    weights: Floats | None = None,
) -> InstantClassifier:
    """Return a classifier for these photos.

    Args:
        features: shape (photos, channels).
        labels: shape (photos,), indices into `classes`; each class has at least one photo.
        classes: at least two names.
        weights: of the photos, shape (photos,); by default all count alike.
    """
    center, rotated, axes = reduced(features)
    kernel, bias = solve(rotated, labels, len(classes), weights)
    whole = axes.T @ kernel
    return InstantClassifier(tuple(classes), whole, bias - center @ whole)


def reduced(features: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the center of the features, and the features moved and turned so that they are short.

    Fewer photos than channels span as many dimensions as there are photos. An L2 penalty does not
    change with a rotation, so nothing is lost.

    Returns:
        The center, shape (channels,); the short features, shape (photos, k); the axes, shape
        (k, channels).
    """
    center = features.mean(axis=0, dtype=np.float64)
    moved = features - center
    if len(moved) >= moved.shape[1]:
        return center, moved, np.eye(moved.shape[1])
    # With float64 and a Gram matrix it is a third of the time of a singular value decomposition.
    values, vectors = np.linalg.eigh(moved @ moved.T)
    kept = values > max(values[-1] * 1e-10, np.finfo(np.float64).tiny)
    if not kept.any():  # all photos are the same
        return center, np.zeros((len(moved), 1)), np.zeros((1, moved.shape[1]))
    scales = np.sqrt(values[kept])
    return center, vectors[:, kept] * scales, (vectors[:, kept] / scales).T @ moved


@cache
def _blas() -> "ThreadpoolController":
    """Return what holds the threads of linear algebra; to look for its libraries takes long."""
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def solve(
    features: Floats, labels: IntArray, classes: int, weights: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return kernel (k, classes) and bias (classes,) of logistic regression.

    A class without photos gets a bias that no photo overcomes.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    present = np.unique(labels)
    kernel, bias = np.zeros((features.shape[1], classes)), np.full(classes, -np.inf)
    if len(present) == 1:
        bias[present] = 0.0
        return kernel, bias
    # Matrices this small are slower on several threads, which wait for each other.
    with _blas().limit(limits=1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        found = LogisticRegression(C=C, max_iter=STEPS).fit(features, labels, weights)
    if len(present) == 2:  # noqa: PLR2004  scikit-learn gives one column for two classes
        kernel[:, present[1]], bias[present] = found.coef_[0], (0.0, found.intercept_[0])
    else:
        kernel[:, present], bias[present] = found.coef_.T, found.intercept_
    return kernel, bias
