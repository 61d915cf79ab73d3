import numpy as np
import pytest

from imgcls._utils.arrays import Floats, IntArray
from imgcls.evaluation.own_photos.cross_validation import (
    SHARES,
    cross_validate,
    different_photos,
    group_weights,
)

Photos = tuple[Floats, IntArray, IntArray]


def photos(each: int, classes: int = 3, distance: float = 1.5) -> Photos:
    """Return features of photos that overlap between classes, labels, and a group for each."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(classes), each)
    centers = random.normal(size=(classes, 40)) * distance / 6
    return centers[labels] + random.normal(size=(len(labels), 40)), labels, np.arange(len(labels))


def with_bursts(of: Photos, frames: int) -> Photos:
    """Return the same photos, each followed by frames that are nearly the same."""
    features, labels, groups = of
    many = np.repeat(features, frames, axis=0)
    noise = np.random.default_rng(1).normal(size=many.shape) * 0.01
    return many + noise, np.repeat(labels, frames), np.repeat(groups, frames)


def test_bursts_raise_the_accuracy_of_a_random_split_and_not_the_burst_safe_one() -> None:
    single = cross_validate(*photos(20), 3)
    bursts = cross_validate(*with_bursts(photos(20), 8), 3)
    assert bursts.random.accuracy > single.random.accuracy + 0.2
    assert bursts.burst_safe.accuracy == pytest.approx(single.burst_safe.accuracy, abs=0.05)
    # Eight times the photos are no more evidence.
    assert bursts.burst_safe.n == single.burst_safe.n == 60
    assert bursts.random.n == 480


def test_one_burst_more_does_not_raise_it_either() -> None:
    features, labels, groups = photos(20)
    before = cross_validate(features, labels, groups, 3).burst_safe.accuracy
    frames = np.repeat(features[:1], 60, axis=0)
    frames = frames + np.random.default_rng(2).normal(size=frames.shape) * 0.01
    after = cross_validate(
        np.concatenate([features, frames]),
        np.concatenate([labels, np.zeros(60, np.int64)]),
        np.concatenate([groups, np.zeros(60, np.int64)]),
        3,
    ).burst_safe
    assert after.accuracy <= before + 0.02
    assert after.n == 60


def test_without_near_duplicates_both_ways_are_one_and_the_same_every_time() -> None:
    found, again = (cross_validate(*photos(12), 3) for _ in range(2))
    assert found.burst_safe == found.random == again.burst_safe
    assert np.array_equal(found.predicted, again.predicted)
    assert found.curve == again.curve


def test_the_curve_ends_with_the_accuracy_and_more_photos_help() -> None:
    found = cross_validate(*photos(40, distance=2.5), 3)
    numbers = [number for number, _ in found.curve]
    assert numbers == pytest.approx([40 * 0.8 * share for share in SHARES])
    assert found.curve[-1][1] == found.burst_safe
    assert found.curve[0][1].accuracy < found.burst_safe.accuracy
    assert found.recall.shape == (3, 3)
    assert found.recall[-1].mean() == pytest.approx(found.burst_safe.accuracy)


def test_photos_without_anything_in_common_are_guessed() -> None:
    features, labels, groups = photos(40, classes=2, distance=0)
    low, high = cross_validate(features, labels, groups, 2).burst_safe.interval
    assert low < 0.5 < high


def test_near_duplicates_of_one_class_count_as_one() -> None:
    labels, groups = np.array([0, 0, 0, 1, 1]), np.array([7, 7, 7, 7, 9])
    assert group_weights(labels, groups) == pytest.approx([1 / 3, 1 / 3, 1 / 3, 1, 1])
    assert different_photos(labels, groups, 3).tolist() == [1, 2, 0]
