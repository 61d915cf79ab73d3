"""How much a photo is like those a network learned from: one score of its features and its logits.

Logits say how much speaks for the known classes at all (the negative energy, see
`imgcls.inference.softmax`). Features say whether training photos look like this one (the cosine to
its nearest neighbors: Sun et al. 2022, "Out-of-Distribution Detection with Deep Nearest
Neighbors"). What deceives one seldom deceives the other, so both count alike, each in standard
deviations. docs/out-of-distribution.md has what was tried.
"""

from dataclasses import dataclass

from imgcls._utils.arrays import Floats
from imgcls.runs.record import Likeness, Spread


@dataclass(frozen=True, eq=False)
class Evidence:
    """What tells known photos from others.

    Attributes:
        energies: negative energies of the logits, shape (n,).
        similarities: as `imgcls.inference.neighbors.Neighbors.similarity` gives them, shape (n,).
    """

    energies: Floats
    similarities: Floats


def score(likeness: Likeness | None, evidence: Evidence) -> Floats:
    """Return a score (n,) that is higher the more a photo is like those trained on.

    It is the sum of both in standard deviations from their means; that of a training photo is 0 on
    average. Of a run without `likeness` it is the negative energy.
    """
    if likeness is None:
        return evidence.energies
    energies = _standardized(evidence.energies, likeness.energy)
    return energies + _standardized(evidence.similarities, likeness.similarity)


def _standardized(values: Floats, spread: Spread) -> Floats:
    found: Floats = (values - spread.mean) / spread.deviation
    return found
