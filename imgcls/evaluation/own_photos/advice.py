"""What would help a dataset: findings with their evidence, and the action that mends each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from imgcls._utils.formatting import plural
from imgcls.evaluation.own_photos.cross_validation import (
    FEWEST,
    SHARES,
    CrossValidation,
)

if TYPE_CHECKING:
    from imgcls.evaluation.own_photos.judge import Examined

BLURRED = 15.0  # variance of the Laplacian at 224 px
DARK = 30.0  # mean of the grey picture, 0-255
TINY = 64  # pixels of the shorter side
WANTED = 10  # different photos a class, from which fine-tuning is worth a try
IMBALANCE = 3.0  # the largest class has this many times the photos of the smallest
RISING = 0.05  # of a class's recall when its photos are doubled: more photos would still help
GOOD = 0.95  # recall at which no more photos are asked for


class Kind(StrEnum):
    """What was found."""

    UNREADABLE = "unreadable"
    DUPLICATE = "duplicate"
    IN_TWO_CLASSES = "in two classes"
    FEW = "few photos"
    NEEDS_MORE = "needs more"
    CONFUSED = "confused"
    IMBALANCE = "imbalance"
    BLURRED = "blurred"
    DARK = "dark"
    TINY = "tiny"


class Action(StrEnum):
    """What mends it."""

    ADD_PHOTOS = "add photos"
    LEAVE_OUT = "leave out"
    MOVE = "move"
    WEIGHT_CLASSES = "weight classes"


@dataclass(frozen=True)
class Finding:
    """One thing that would help.

    Attributes:
        kind: what was found.
        action: what mends it.
        text: one sentence for people; it holds names that people gave, so show it as text.
        classes: those it is about; where photos should be moved, the last one is the target.
        photos: the evidence, and what to leave out or move.
    """

    kind: Kind
    action: Action
    text: str
    classes: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()


def findings(examined: "Examined", result: CrossValidation | None) -> Iterator[Finding]:
    """Yield what would help, the most useful first.

    Args:
        examined: the photos.
        result: of cross-validation; None when there are too few photos for it.
    """
    yield from _unreadable(examined)
    yield from _in_two_classes(examined)
    yield from _few(examined)
    if result is not None:
        yield from _confused(examined, result)
        yield from _needs_more(examined, result)
    yield from _duplicates(examined)
    yield from _imbalance(examined)
    yield from _poor(examined)


def _unreadable(examined: "Examined") -> Iterator[Finding]:
    for photo, error in examined.unreadable.items():
        text = f"{photo} cannot be read: {error}"
        yield Finding(Kind.UNREADABLE, Action.LEAVE_OUT, text, photos=(photo,))


def _in_two_classes(examined: "Examined") -> Iterator[Finding]:
    for rows in _groups(examined):
        names = tuple(dict.fromkeys(examined.classes[examined.labels[row]] for row in rows))
        if len(names) > 1:
            text = f"Nearly the same photo is in {' and in '.join(names)}: leave it out of one."
            photos = tuple(examined.photos[row] for row in rows)
            yield Finding(Kind.IN_TWO_CLASSES, Action.LEAVE_OUT, text, names, photos)


def _few(examined: "Examined") -> Iterator[Finding]:
    for name, count in examined.different.items():
        if count < WANTED:
            least = f"; from {FEWEST} on it can be judged" if count < FEWEST else ""
            has = plural(count, "different photo")
            text = f"{name} has {has}{least}: add up to at least {WANTED}."
            yield Finding(Kind.FEW, Action.ADD_PHOTOS, text, (name,))


def _confused(examined: "Examined", result: CrossValidation) -> Iterator[Finding]:
    """Yield the pair of classes that is confused most, by which photos, and the odd single one."""
    wrong = np.flatnonzero(result.predicted != examined.labels)
    pairs = Counter((int(examined.labels[row]), int(result.predicted[row])) for row in wrong)
    for (true, taken), count in pairs.most_common(2):
        names = (examined.classes[true], examined.classes[taken])
        rows = [
            row for row in wrong if (examined.labels[row], result.predicted[row]) == (true, taken)
        ]
        text = (
            f"In {names[0]}, but taken for {names[1]}: {plural(count, 'photo')}. Look, move or "
            "leave out what is in the wrong class, and add photos that show the difference."
        )
        photos = tuple(examined.photos[row] for row in rows)
        yield Finding(Kind.CONFUSED, Action.MOVE, text, names, photos)


def _needs_more(examined: "Examined", result: CrossValidation) -> Iterator[Finding]:
    """Yield classes that are found better the more photos there are, and not well yet."""
    half, whole = result.recall[SHARES.index(0.5)], result.recall[SHARES.index(1.0)]
    for label in np.argsort(whole):
        if whole[label] < GOOD and whole[label] - half[label] > RISING:
            name = examined.classes[label]
            text = (
                f"{name}: {whole[label]:.0%} of its photos are found, {half[label]:.0%} when half "
                "as many are learned from. More photos would help."
            )
            yield Finding(Kind.NEEDS_MORE, Action.ADD_PHOTOS, text, (name,))


def _duplicates(examined: "Examined") -> Iterator[Finding]:
    for rows in _groups(examined):
        names = {examined.classes[examined.labels[row]] for row in rows}
        if len(names) == 1:
            kept, *others = (examined.photos[row] for row in rows)
            text = f"{len(rows)} photos are nearly the same and count as one; {kept} would do."
            yield Finding(Kind.DUPLICATE, Action.LEAVE_OUT, text, tuple(names), tuple(others))


def _imbalance(examined: "Examined") -> Iterator[Finding]:
    different = examined.different
    if len(different) < 2 or min(different.values()) == 0:  # noqa: PLR2004
        return
    least, most = (
        min(different, key=different.__getitem__),
        max(different, key=different.__getitem__),
    )
    if different[most] >= IMBALANCE * different[least]:
        text = (
            f"{most} has {different[most]} different photos and {least} has {different[least]}: "
            "let the photos of small classes count more, or add some."
        )
        yield Finding(Kind.IMBALANCE, Action.WEIGHT_CLASSES, text, (least, most))


def _poor(examined: "Examined") -> Iterator[Finding]:
    for photo, facts in zip(examined.photos, examined.facts, strict=True):
        if min(facts.width, facts.height) < TINY:
            text = f"{photo} is tiny: {facts.width} x {facts.height} pixels."
            yield Finding(Kind.TINY, Action.LEAVE_OUT, text, photos=(photo,))
        elif facts.brightness < DARK:
            text = f"{photo} is nearly black."
            yield Finding(Kind.DARK, Action.LEAVE_OUT, text, photos=(photo,))
        elif facts.sharpness < BLURRED:
            text = f"{photo} is blurred, or shows nothing but an even surface."
            yield Finding(Kind.BLURRED, Action.LEAVE_OUT, text, photos=(photo,))


def _groups(examined: "Examined") -> Iterator["np.ndarray[tuple[int], np.dtype[np.int64]]"]:
    counts = np.bincount(examined.groups) if len(examined.groups) else np.empty(0, np.int64)
    for number in np.flatnonzero(counts > 1):
        yield np.flatnonzero(examined.groups == number)
