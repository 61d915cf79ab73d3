"""Each finding with its evidence and the action that mends it."""

from dataclasses import replace
from typing import Any

import numpy as np

from imgcls.evaluation.own_photos.advice import Action, Finding, Kind
from imgcls.evaluation.own_photos.judge import Examined, judge, learn
from imgcls.inference.photo_facts import PhotoFacts


def facts(features: "np.ndarray[Any, Any]", **values: Any) -> PhotoFacts:
    plain: dict[str, Any] = {
        "perceptual_hash": 0,
        "colors": np.zeros((8, 8, 3), np.uint8),
        "sharpness": 500.0,
        "brightness": 120.0,
        "width": 640,
        "height": 480,
    }
    return PhotoFacts(features=features.astype(np.float16), **(plain | values))


def examined(**each: int) -> Examined:
    """Return photos of classes that are easy to tell apart, so many of each."""
    random = np.random.default_rng(0)
    labels = np.repeat(np.arange(len(each)), list(each.values()))
    features = np.eye(16)[labels] * 4 + random.uniform(0, 1, (len(labels), 16))
    return Examined(
        classes=tuple(each),
        photos=tuple(f"{list(each)[label]}/{row}.jpg" for row, label in enumerate(labels)),
        labels=labels,
        facts=tuple(facts(row) for row in features),
        groups=np.arange(len(labels)),
    )


def found(photos: Examined, kind: Kind) -> list[Finding]:
    return [finding for finding in judge(photos).findings if finding.kind == kind]


def test_good_photos_need_no_advice() -> None:
    judged = judge(examined(cup=12, spoon=14))
    assert judged.findings == ()
    assert judged.result is not None
    assert judged.result.burst_safe.accuracy == 1
    assert judged.confusion.tolist() == [[12, 0], [0, 14]]


def test_too_few_different_photos_are_not_judged() -> None:
    photos = examined(cup=12, spoon=12)
    photos = replace(photos, groups=np.array([*range(12), *[12] * 9, 13, 14, 15]))
    judged = judge(photos)
    assert judged.result is None
    assert judged.why_not is not None
    assert "spoon (1 more)" in judged.why_not
    (few,) = found(photos, Kind.FEW)
    assert (few.action, few.classes) == (Action.ADD_PHOTOS, ("spoon",))
    assert "4 different photos" in few.text


def test_one_class_alone_and_a_class_without_photos_cannot_be_judged() -> None:
    assert "two classes" in str(judge(examined(cup=12)).why_not)
    assert "spoon (5 more)" in str(judge(examined(cup=12, spoon=0)).why_not)
    assert learn(examined(cup=12, spoon=0)) is None
    assert learn(examined(cup=1, spoon=1, fork=0)) is not None


def test_photos_in_the_wrong_class_are_the_evidence_for_a_confusion() -> None:
    photos = examined(cup=20, spoon=20)
    labels = photos.labels.copy()
    labels[:2] = 1  # two cups among the spoons
    (confused,) = found(replace(photos, labels=labels), Kind.CONFUSED)
    assert confused.action == Action.MOVE
    assert confused.classes == ("spoon", "cup")
    assert confused.photos == ("cup/0.jpg", "cup/1.jpg")


def test_near_duplicates_keep_one_and_those_in_two_classes_are_named() -> None:
    photos = examined(cup=12, spoon=12)
    groups = photos.groups.copy()
    groups[[1, 2]] = 0
    groups[[12]] = 11
    photos = replace(photos, groups=groups)
    (duplicate,) = found(photos, Kind.DUPLICATE)
    assert (duplicate.action, duplicate.photos) == (Action.LEAVE_OUT, ("cup/1.jpg", "cup/2.jpg"))
    (both,) = found(photos, Kind.IN_TWO_CLASSES)
    assert both.classes == ("cup", "spoon")
    assert both.photos == ("cup/11.jpg", "spoon/12.jpg")


def test_uneven_classes_may_be_weighted() -> None:
    (uneven,) = found(examined(cup=45, spoon=15, fork=20), Kind.IMBALANCE)
    assert (uneven.action, uneven.classes) == (Action.WEIGHT_CLASSES, ("spoon", "cup"))
    assert not found(examined(cup=44, spoon=15), Kind.IMBALANCE)


def test_blurred_dark_tiny_and_unreadable_photos_are_to_be_left_out() -> None:
    photos = examined(cup=12, spoon=12)
    first, second, third, *rest = photos.facts
    photos = replace(
        photos,
        facts=(
            replace(first, sharpness=2.0),
            replace(second, brightness=5.0),
            replace(third, width=40),
            *rest,
        ),
        unreadable={"cup/x.jpg": "the file is empty"},
    )
    for kind, name in {
        Kind.BLURRED: "cup/0.jpg",
        Kind.DARK: "cup/1.jpg",
        Kind.TINY: "cup/2.jpg",
        Kind.UNREADABLE: "cup/x.jpg",
    }.items():
        (poor,) = found(photos, kind)
        assert (poor.action, poor.photos) == (Action.LEAVE_OUT, (name,))
