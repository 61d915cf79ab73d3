"""What the frozen features are worth before any training: two classifiers that learn no weights."""

import time
import warnings
from typing import Any

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from sklearn.preprocessing import normalize

from imgcls._utils.arrays import IntArray
from imgcls.evaluation.degenerate import collapsed
from imgcls.evaluation.intervals import interval
from imgcls.runs.record import NEAREST_CENTROID, NEAREST_NEIGHBORS, Accuracy, Baseline, Method

NEIGHBORS = 10


def evaluate(
    pooled: "np.ndarray[Any, np.dtype[Any]]", labels: IntArray, rows: dict[str, IntArray]
) -> tuple[Baseline, ...]:
    """Classify the held-out photos by the training photos whose features are most like theirs.

    Features are compared by the cosine of the angle between them.

    Args:
        pooled: of the frozen base, shape (n, channels).
        labels: those that training is given, shape (n,), except for held-out photos the true ones.
        rows: split -> its row numbers; "train", "validation" and "test".

    Returns:
        One a classifier; none where there is nothing to compare: features that are no numbers or
        the same for every photo, or training photos that are all given one label.
    """
    learned = rows["train"]
    if collapsed(pooled[learned]) or len(np.unique(labels[learned])) == 1:
        return ()
    features = normalize(pooled.astype(np.float32))
    classifiers: dict[Method, ClassifierMixin] = {
        NEAREST_CENTROID: NearestCentroid(),
        # There may be fewer training photos than neighbours to ask.
        NEAREST_NEIGHBORS: KNeighborsClassifier(
            min(NEIGHBORS, len(rows["train"])), algorithm="brute"
        ),
    }
    return tuple(
        _evaluate(method, classifier, features, labels, rows)
        for method, classifier in classifiers.items()
    )


def _evaluate(
    method: Method,
    classifier: Any,
    features: "np.ndarray[Any, np.dtype[np.float32]]",
    labels: IntArray,
    rows: dict[str, IntArray],
) -> Baseline:
    started = time.monotonic()
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # Features that are the same in all photos of a class harm only shrunken centroids.
        warnings.filterwarnings("ignore", "self.within_class_std_dev_")
        classifier.fit(features[rows["train"]], labels[rows["train"]])
    found: dict[str, Accuracy] = {}
    for split in ("validation", "test"):
        true = labels[rows[split]]
        predicted = classifier.predict(features[rows[split]])
        correct = int(accuracy_score(true, predicted, normalize=False))
        found[split] = Accuracy(
            accuracy=correct / len(true), n=len(true), interval=interval(correct, len(true))
        )
    return Baseline(method=method, seconds=time.monotonic() - started, **found)
