"""Photos that people put together, judged: how well they are told apart, and what would help."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from imgcls._utils.arrays import Floats, IntArray
from imgcls.data.images import ImageError
from imgcls.evaluation.own_photos import instant, near_duplicates
from imgcls.evaluation.own_photos.advice import Finding, findings
from imgcls.evaluation.own_photos.cross_validation import (
    FEWEST,
    CrossValidation,
    cross_validate,
    different_photos,
    group_weights,
)
from imgcls.evaluation.own_photos.instant import InstantClassifier
from imgcls.inference.photo_facts import PhotoExaminer, PhotoFacts


@dataclass(frozen=True, eq=False)
class Examined:
    """The readable photos of a dataset with what is known of each.

    Attributes:
        classes: names of the classes, those without photos too.
        photos: names, sorted by class.
        labels: indices into `classes`, shape (photos,).
        facts: one a photo.
        groups: number of the group of near duplicates, shape (photos,).
        unreadable: name of each photo that cannot be read, and why.
    """

    classes: tuple[str, ...]
    photos: tuple[str, ...]
    labels: IntArray
    facts: tuple[PhotoFacts, ...]
    groups: IntArray
    unreadable: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> Floats:
        """Shape (photos, channels)."""
        return np.stack([facts.features for facts in self.facts]).astype(np.float32)

    @property
    def different(self) -> dict[str, int]:
        """How many photos each class has when near duplicates count as one."""
        counts = different_photos(self.labels, self.groups, len(self.classes))
        return dict(zip(self.classes, counts.tolist(), strict=True))


@dataclass(frozen=True, eq=False)
class Judgement:
    """What is known of a dataset before any training.

    Attributes:
        examined: its photos.
        result: of cross-validation; None when it cannot be judged yet.
        why_not: what is missing, a sentence for people; None when there is a result.
        findings: what would help, the most useful first.
    """

    examined: Examined
    result: CrossValidation | None
    why_not: str | None
    findings: tuple[Finding, ...]

    @property
    def confusion(self) -> IntArray:
        """Number of photos, shape (classes, classes): a row a true class, a column a predicted one.

        Raises:
            ValueError: it cannot be judged yet.
        """
        if self.result is None:
            raise ValueError(self.why_not)
        side = len(self.examined.classes)
        counts = np.zeros((side, side), np.int64)
        np.add.at(counts, (self.examined.labels, self.result.predicted), 1)
        return counts


def examine(photos: Mapping[str, Sequence[str]], root: Path, examiner: PhotoExaminer) -> Examined:
    """Find out what is known of the photos of each class; only new ones are computed.

    Args:
        photos: class -> names of its photos, as `Collection.photos` gives them.
        root: folder that the names begin at.
        examiner: computes what is not known yet.
    """
    names = [name for of_class in photos.values() for name in of_class]
    labels = [label for label, of_class in enumerate(photos.values()) for _ in of_class]
    found = examiner.examine([root / name for name in names])
    readable = [at for at, facts in enumerate(found) if isinstance(facts, PhotoFacts)]
    facts = tuple(each for each in found if isinstance(each, PhotoFacts))
    of_readable = np.array([labels[at] for at in readable], dtype=np.int64)
    return Examined(
        classes=tuple(photos),
        photos=tuple(names[at] for at in readable),
        labels=of_readable,
        facts=facts,
        groups=near_duplicates.groups(facts, of_readable),
        unreadable={
            name: str(error)
            for name, error in zip(names, found, strict=True)
            if isinstance(error, ImageError)
        },
    )


def learn(examined: Examined) -> InstantClassifier | None:
    """Return a classifier for the classes that have photos; None when fewer than two have."""
    present = np.unique(examined.labels)
    if len(present) < 2:  # noqa: PLR2004
        return None
    return instant.fit(
        examined.features,
        np.searchsorted(present, examined.labels),
        [examined.classes[label] for label in present],
        group_weights(examined.labels, examined.groups),
    )


def judge(examined: Examined) -> Judgement:
    """Return how well the classes are told apart, and what would help. The same every time."""
    why_not = _why_not(examined)
    result = None
    if why_not is None:
        result = cross_validate(
            examined.features, examined.labels, examined.groups, len(examined.classes)
        )
    return Judgement(examined, result, why_not, tuple(findings(examined, result)))


def with_twins(examined: Examined, asked: Iterable[str], learned: Iterable[str]) -> set[str]:
    """Return those of the photos asked for that have a near duplicate among those learned from."""
    group = dict(zip(examined.photos, examined.groups.tolist(), strict=True))
    known = {group[photo] for photo in learned if photo in group}
    return {photo for photo in asked if group.get(photo) in known}


def _why_not(examined: Examined) -> str | None:
    different = examined.different
    if len(different) < 2:  # noqa: PLR2004
        return "This cannot be judged yet: at least two classes are needed."
    few = {name: count for name, count in different.items() if count < FEWEST}
    if not few:
        return None
    missing = ", ".join(f"{name} ({FEWEST - count} more)" for name, count in few.items())
    return (
        f"This cannot be judged yet: each class needs {FEWEST} different photos, and near "
        f"duplicates count as one. Missing: {missing}."
    )
