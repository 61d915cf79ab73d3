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
from imgcls.evaluation.intervals import interval

NEIGHBOURS = 10


def evaluate(
    pooled: "np.ndarray[Any, np.dtype[Any]]", labels: IntArray, rows: dict[str, IntArray]
) -> list[dict[str, Any]]:
    """Classify the held-out photos by the training photos whose features are most like theirs.

    Features are compared by the cosine of the angle between them.

    Args:
        pooled: of the frozen base, shape (n, channels).
        labels: those that training is given, shape (n,), except for held-out photos the true ones.
        rows: split -> its row numbers; "train", "validation" and "test".

    Returns:
        For each classifier a record with its method, a name for people; seconds, for learning and
        answering; and for "validation" and "test" accuracy, n and 95 % interval.
    """
    features = normalize(pooled.astype(np.float32))
    classifiers: dict[str, ClassifierMixin] = {
        "nearest class centroid": NearestCentroid(),
        # There may be fewer training photos than neighbours to ask.
        f"{NEIGHBOURS} nearest neighbours": KNeighborsClassifier(
            min(NEIGHBOURS, len(rows["train"])), algorithm="brute"
        ),
    }
    return [
        {"method": method, **_evaluate(classifier, features, labels, rows)}
        for method, classifier in classifiers.items()
    ]


def _evaluate(
    classifier: Any,
    features: "np.ndarray[Any, np.dtype[np.float32]]",
    labels: IntArray,
    rows: dict[str, IntArray],
) -> dict[str, Any]:
    started = time.monotonic()
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        # Features that are the same in all photos of a class harm only shrunken centroids.
        warnings.filterwarnings("ignore", "self.within_class_std_dev_")
        classifier.fit(features[rows["train"]], labels[rows["train"]])
    result: dict[str, Any] = {}
    for split in ("validation", "test"):
        true = labels[rows[split]]
        found = classifier.predict(features[rows[split]])
        correct = int(accuracy_score(true, found, normalize=False))
        result[split] = {
            "accuracy": correct / len(true),
            "n": len(true),
            "interval": list(interval(correct, len(true))),
        }
    return {"seconds": time.monotonic() - started, **result}
