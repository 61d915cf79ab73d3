"""How well the classes of a few photos are told apart: repeated cross-validation, safe of bursts.

A burst of a camera gives many photos of one moment. Split at random, some are learned and their
twins asked for, and the accuracy says little about the next photo. So photos that are nearly the
same stay on one side of each split, and count as one.
"""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from imgcls._utils.arrays import Floats, IntArray
from imgcls.evaluation.intervals import interval
from imgcls.evaluation.own_photos.instant import reduced, solve

FOLDS = 5
REPEATS = 5  # with another division each: one division alone moves the accuracy by points
FEWEST = 5  # different photos a class: one in each fold
SHARES = (0.25, 0.5, 1.0)  # of the photos that a fold leaves to learn from
SEED = 1


@dataclass(frozen=True)
class Estimate:
    """An accuracy with its 95 % Wilson score interval.

    Attributes:
        accuracy: share of photos classified correctly, 0-1, mean of the repeats.
        n: what it rests on: photos, or groups of near duplicates. Repeats add none.
    """

    accuracy: float
    n: int

    @property
    def interval(self) -> tuple[float, float]:
        """Lower and upper end."""
        return interval(round(self.accuracy * self.n), self.n)


@dataclass(frozen=True, eq=False)
class CrossValidation:
    """What cross-validation has found.

    Attributes:
        burst_safe: near duplicates kept together, each group counting as one photo.
        random: photos divided as if all were different: too good when there are bursts.
        predicted: for each photo the label that most repeats gave, shape (photos,).
        curve: for each of SHARES the number of different photos a class that were learned from,
            and the burst-safe accuracy.
        recall: for each of SHARES and each class the share of its photos that were found, each
            group counting as one, shape (shares, classes).
    """

    burst_safe: Estimate
    random: Estimate
    predicted: IntArray
    curve: tuple[tuple[float, Estimate], ...]
    recall: Floats


def different_photos(labels: IntArray, groups: IntArray, classes: int) -> IntArray:
    """Return for each class how many groups of near duplicates it has, shape (classes,)."""
    pairs = np.unique(np.stack([labels, groups]), axis=1)
    return np.bincount(pairs[0], minlength=classes).astype(np.int64)


def cross_validate(
    features: Floats, labels: IntArray, groups: IntArray, classes: int
) -> CrossValidation:
    """Judge logistic regression on the features of photos, always the same for the same photos.

    Args:
        features: shape (photos, channels).
        labels: shape (photos,), 0 to `classes` - 1, each with at least FEWEST groups.
        groups: of near duplicates, shape (photos,).
        classes: their number.
    """
    _, short, _ = reduced(features)
    weights = group_weights(labels, groups)
    correct = np.zeros((len(SHARES), len(labels)))
    votes = np.zeros((len(labels), classes))
    for repeat, train, test in _folds(labels, groups):
        order = np.random.default_rng([SEED, repeat]).permutation(groups.max() + 1)
        for number, share in enumerate(SHARES):
            part = _first_groups(train, labels, groups, order, share)
            kernel, bias = solve(short[part], labels[part], classes, weights[part])
            found = (short[test] @ kernel + bias).argmax(axis=1)
            correct[number, test] += (found == labels[test]) / REPEATS
        votes[test, found] += 1
    learned = different_photos(labels, groups, classes).mean() * (1 - 1 / FOLDS)
    n = len(np.unique(np.stack([labels, groups]), axis=1).T)
    found_share = np.array([np.average(each, weights=weights) for each in correct])
    burst_safe = Estimate(float(found_share[-1]), n)
    return CrossValidation(
        burst_safe=burst_safe,
        # Without near duplicates it is the same division.
        random=_at_random(short, labels, classes) if n < len(labels) else burst_safe,
        predicted=votes.argmax(axis=1),
        curve=tuple(
            (float(learned * share), Estimate(float(accuracy), n))
            for share, accuracy in zip(SHARES, found_share, strict=True)
        ),
        recall=np.array(
            [
                [
                    np.average(each[labels == label], weights=weights[labels == label])
                    for label in range(classes)
                ]
                for each in correct
            ]
        ),
    )


def group_weights(labels: IntArray, groups: IntArray) -> Floats:
    """Return a weight for each photo, by which the near duplicates of one class count as one."""
    _, place, sizes = np.unique(
        np.stack([labels, groups]), axis=1, return_inverse=True, return_counts=True
    )
    weights: Floats = 1.0 / sizes[place]
    return weights


def _at_random(short: Floats, labels: IntArray, classes: int) -> Estimate:
    alone = np.arange(len(labels))
    correct = 0
    for _, train, test in _folds(labels, alone):
        kernel, bias = solve(short[train], labels[train], classes)
        found = (short[test] @ kernel + bias).argmax(axis=1)
        correct += int((found == labels[test]).sum())
    return Estimate(correct / (REPEATS * len(labels)), len(labels))


def _folds(labels: IntArray, groups: IntArray) -> Iterator[tuple[int, IntArray, IntArray]]:
    all_different = len(np.unique(groups)) == len(groups)
    for repeat in range(REPEATS):
        # The same where each photo is a group of its own, and ten times as fast.
        kind = StratifiedKFold if all_different else StratifiedGroupKFold
        folds = kind(FOLDS, shuffle=True, random_state=SEED + repeat)
        with warnings.catch_warnings():
            # A class of few groups of many photos is missing in some folds; that is as it is.
            warnings.filterwarnings("ignore", "The least populated class")
            for train, test in folds.split(labels, labels, None if all_different else groups):
                yield repeat, train, test


def _first_groups(
    train: IntArray, labels: IntArray, groups: IntArray, order: IntArray, share: float
) -> IntArray:
    """Return the photos of a share of each class's groups, at least one, the first in an order."""
    if share == 1:
        return train
    kept = []
    for label in np.unique(labels[train]):
        rows = train[labels[train] == label]
        places = np.unique(order[groups[rows]])
        last = places[max(1, round(len(places) * share)) - 1]
        kept.append(rows[order[groups[rows]] <= last])
    return np.concatenate(kept)
