"""Scores of how like those trained on a photo is, for `benchmarks.out_of_distribution`."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from imgcls._utils.arrays import FloatArray, Floats, IntArray
from imgcls.inference.likeness import Evidence
from imgcls.inference.neighbors import NEAREST, Neighbors
from imgcls.inference.softmax import negative_energy, probabilities

PRINCIPAL = 64  # directions that ViM takes for those of the classes
RIDGE = 1e-7  # keeps directions without variance from counting for everything


@dataclass(frozen=True)
class Seen:
    """What a network makes of some photos.

    Attributes:
        pooled: features after global average pooling, shape (n, 1280).
        cut: frozen features at the cut, averaged over the photo, shape (n, 160).
        logits: shape (n, classes).
        labels: shape (n,).
    """

    pooled: FloatArray
    cut: FloatArray
    logits: FloatArray
    labels: IntArray


class Scores:
    """Every score of the comparison, fitted on what a network makes of its training photos.

    Args:
        training: all of them.
        photos: how many of them, as many of each class, are the ones compared with.
    """

    def __init__(self, training: Seen, photos: int) -> None:
        random = np.random.default_rng(0)
        classes = training.logits.shape[1]
        rows = np.concatenate(
            [
                random.permutation(np.flatnonzero(training.labels == label))[: photos // classes]
                for label in range(classes)
            ]
        )
        kept = training.pooled[rows]
        self._energies = negative_energy(training.logits[rows])
        known = Neighbors.of(rows.astype(np.str_), training.labels[rows], kept)
        self._neighbors, self._known = known, Evidence.among(self._energies, known)
        units = _unit(kept)
        self._nearest, self._nearest_at_cut = _Nearest(units), _Nearest(_unit(training.cut[rows]))
        self._mean, self._center = units.mean(axis=0), kept.mean(axis=0)
        # ViM: as many principal directions as leave what no photo of the classes should have.
        _, axes = np.linalg.eigh(np.cov(units.T))
        self._residual = axes[:, :-PRINCIPAL]
        self._lengths = np.linalg.norm((units - self._mean) @ self._residual, axis=1)
        self._alpha = training.logits[rows].max(axis=1).mean() / self._lengths.mean()
        self._shares = self._share(units, self._lengths)
        self._whiten(_unit(training.pooled), training.labels)

    def _whiten(self, units: FloatArray, labels: IntArray) -> None:
        """Prepare the Mahalanobis distances: where covariance is 1 they are Euclidean."""
        means = np.stack([units[labels == label].mean(axis=0) for label in np.unique(labels)])
        within, all_ = _whitening(units - means[labels]), _whitening(units - units.mean(axis=0))
        self._within = within, means @ within
        self._all = all_, units.mean(axis=0, keepdims=True) @ all_

    def _share(self, units: FloatArray, away: Floats) -> Floats:
        """Return how much of what tells photos from the mean is in the principal directions."""
        lengths = np.linalg.norm(units - self._mean, axis=1)
        found: Floats = np.sqrt(1 - (away / lengths) ** 2)
        return found

    def of(self, seen: Seen) -> dict[str, Floats]:
        """Return each score (n,) of some photos by its name; higher is more like the known."""
        return {**self._former(seen), **self._sums(seen)}

    def _former(self, seen: Seen) -> dict[str, Floats]:
        """Return those of the literature, some on features of equal length."""
        units, logits = _unit(seen.pooled), seen.logits
        cosines = self._nearest.cosines(units)
        similarity, energy = self._nearest.similarity(units), negative_energy(logits)
        guided = _highest(cosines * self._energies, 10).mean(axis=1)
        away = np.linalg.norm((units - self._mean) @ self._residual, axis=1)
        within, everywhere = (
            cdist(units @ whitening, means, "sqeuclidean").min(axis=1)
            for whitening, means in (self._within, self._all)
        )
        margins = (logits.max(axis=1, keepdims=True) - logits).sum(axis=1)
        return {
            "highest probability": probabilities(logits).max(axis=1),
            "negative energy": energy,
            "mean cosine to the 5 nearest": similarity,
            "cosine to the 10th nearest": _highest(cosines, 10).min(axis=1),
            "mean cosine to the 50 nearest": _highest(cosines, 50).mean(axis=1),
            "Mahalanobis, normalised": -within,
            "relative Mahalanobis, normalised": everywhere - within,
            "NNGuide": guided * energy,
            "fDBD (weights of equal length)": margins
            / np.linalg.norm(seen.pooled - self._center, axis=1),
            "ViM, 64 directions": energy - self._alpha * away,
            "5 nearest times energy": similarity * energy,
            "NECO, 64 directions": self._share(units, away) * logits.max(axis=1),
            "cosine to the nearest class mean": self._neighbors.centroid_similarity(seen.pooled),
        }

    def _sums(self, seen: Seen) -> dict[str, Floats]:
        """Return sums of the energy and others, each in standard deviations."""
        units = _unit(seen.pooled)
        away = np.linalg.norm((units - self._mean) @ self._residual, axis=1)
        seen_as = Evidence.of(negative_energy(seen.logits), seen.pooled, self._neighbors)
        energy, nearest, centroid = (
            _standard(getattr(seen_as, name), getattr(self._known, name))
            for name in ("energies", "similarities", "centroids")
        )
        residual = _standard(-away, -self._lengths)
        share = _standard(self._share(units, away), self._shares)
        at_cut = self._nearest_at_cut.standard(_unit(seen.cut))
        return {
            "5 nearest plus energy": nearest + energy,
            "5 nearest plus energy plus 5 nearest at the cut": nearest + energy + at_cut,
            "5 nearest plus energy plus residual of ViM": nearest + energy + residual,
            "share of NECO plus energy": share + energy,
            "class mean plus energy": centroid + energy,
            "**5 nearest plus energy plus class mean**": nearest + energy + centroid,
        }


class _Nearest:
    """The nearest of training photos.

    Args:
        kept: their features, of length 1, shape (n, channels).
    """

    def __init__(self, kept: FloatArray) -> None:
        self._kept = kept
        cosines = self.cosines(kept)
        np.fill_diagonal(cosines, -np.inf)  # of each the others
        self._among = _highest(cosines, NEAREST).mean(axis=1)

    def cosines(self, units: FloatArray) -> FloatArray:
        found: FloatArray = units @ self._kept.T
        return found

    def similarity(self, units: FloatArray) -> Floats:
        """Return the mean cosine (m,) of features (m, channels) to the nearest ones."""
        found: Floats = _highest(self.cosines(units), NEAREST).mean(axis=1)
        return found

    def standard(self, units: FloatArray) -> Floats:
        return _standard(self.similarity(units), self._among)


def _unit(features: FloatArray) -> FloatArray:
    found: FloatArray = features / np.linalg.norm(features, axis=1, keepdims=True)
    return found


def _highest(values: Floats, count: int) -> Floats:
    found: Floats = np.partition(values, -count, axis=1)[:, -count:]
    return found


def _standard(values: Floats, training: Floats) -> Floats:
    found: Floats = (values - training.mean()) / training.std()
    return found


def _whitening(centered: FloatArray) -> Floats:
    values, axes = np.linalg.eigh(np.cov(centered.T))
    found: Floats = axes / np.sqrt(np.maximum(values, 0) + RIDGE)
    return found
