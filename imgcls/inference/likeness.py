"""How much a photo is like those a network learned from: one score of its features and its logits.

Logits say how much speaks for the known classes at all (the negative energy, see
`imgcls.inference.softmax`). Features say whether training photos look like this one (the cosine to
its nearest neighbors: Sun et al. 2022, "Out-of-Distribution Detection with Deep Nearest
Neighbors"), and whether it differs from the mean of all as one of the classes does: the better a
network knows its classes, the closer their photos lie to the means (neural collapse: Papyan et al.
2020). What deceives one seldom deceives the others, so all count alike, each in standard
deviations. docs/out-of-distribution.md has what was tried.
"""

from dataclasses import dataclass

from imgcls._utils.arrays import FloatArray, Floats
from imgcls.inference.neighbors import Neighbors
from imgcls.runs.record import Likeness, Spread


@dataclass(frozen=True, eq=False)
class Evidence:
    """What tells known photos from others.

    Attributes:
        energies: negative energies of the logits, shape (n,).
        similarities: as `Neighbors.similarity` gives them, shape (n,).
        centroids: as `Neighbors.centroid_similarity` gives them, shape (n,).
    """

    energies: Floats
    similarities: Floats
    centroids: Floats

    @classmethod
    def of(cls, energies: Floats, pooled: FloatArray, neighbors: Neighbors) -> "Evidence":
        """Return that of photos with these negative energies and features, shape (n, channels)."""
        similarities = neighbors.similarity(pooled)
        return cls(energies, similarities, neighbors.centroid_similarity(pooled))

    @classmethod
    def among(cls, energies: Floats, neighbors: Neighbors) -> "Evidence":
        """Return that of the training photos with these energies, each compared with the others."""
        similarities = neighbors.similarity_among()
        return cls(energies, similarities, neighbors.centroid_similarity_among())


def score(likeness: Likeness | None, evidence: Evidence) -> Floats:
    """Return a score (n,) that is higher the more a photo is like those trained on.

    It is the sum of all in standard deviations from their means; that of a training photo is 0 on
    average. In runs of former versions the centroids are no part of it. Without `likeness` it is
    the negative energy.
    """
    if likeness is None:
        return evidence.energies
    scores = _standardized(evidence.energies, likeness.energy)
    scores = scores + _standardized(evidence.similarities, likeness.similarity)
    if likeness.centroid is None:
        return scores
    return scores + _standardized(evidence.centroids, likeness.centroid)


def _standardized(values: Floats, spread: Spread) -> Floats:
    found: Floats = (values - spread.mean) / spread.deviation
    return found
