import dataclasses

import numpy as np

from imgcls._utils.arrays import Floats, IntArray
from imgcls.evaluation.own_photos.near_duplicates import (
    BITS,
    COLOR,
    COSINE,
    alike,
    extraordinary,
    groups,
)
from imgcls.inference.photo_facts import PhotoFacts

random = np.random.default_rng(0)
PHOTO = PhotoFacts(
    features=random.uniform(0, 1, 1280).astype(np.float16),
    perceptual_hash=0x0F0F_3C3C_5A5A_9696,
    colors=random.integers(50, 200, (8, 8, 3)).astype(np.uint8),
    sharpness=100.0,
    brightness=120.0,
    width=640,
    height=480,
)


def changed(**values: object) -> PhotoFacts:
    return dataclasses.replace(PHOTO, **values)  # type: ignore[arg-type]


def classes(facts: list[PhotoFacts]) -> IntArray:
    return np.zeros(len(facts), np.int64)


def test_what_is_kept_is_read_again() -> None:
    again = PhotoFacts.from_bytes(PHOTO.to_bytes())
    for field in dataclasses.fields(PhotoFacts):
        assert np.array_equal(getattr(again, field.name), getattr(PHOTO, field.name))


def test_all_three_have_to_agree() -> None:
    other_features = changed(features=np.roll(PHOTO.features, 1))
    other_hash = changed(perceptual_hash=PHOTO.perceptual_hash ^ (2 ** (BITS + 1) - 1))
    other_colors = changed(colors=PHOTO.colors + np.uint8(COLOR + 1))
    for other in (other_features, other_hash, other_colors):
        assert groups([PHOTO, other], classes([PHOTO, other])).tolist() == [0, 1]
    near = changed(
        perceptual_hash=PHOTO.perceptual_hash ^ (2**BITS - 1), colors=PHOTO.colors + np.uint8(COLOR)
    )
    assert groups([PHOTO, near], classes([PHOTO, near])).tolist() == [0, 0]


def test_photos_between_them_bring_two_together() -> None:
    steps = [changed(colors=PHOTO.colors + np.uint8(step)) for step in (0, 15, 30, 45)]
    assert len({*groups(steps, classes(steps)).tolist()}) == 1
    assert alike(steps, classes(steps)).tolist() == [[0, 1], [1, 2], [2, 3]]


def test_of_no_photos_and_of_many() -> None:
    assert groups([], classes([])).tolist() == []
    many = [changed(features=random.uniform(0, 1, 1280).astype(np.float16) ** 8)] * 300
    assert {*groups([*many, PHOTO], classes([*many, PHOTO])).tolist()} == {0, 1}


def test_features_alone_decide_by_what_is_ordinary_in_the_dataset() -> None:
    def units(cosine: float) -> Floats:
        """Return 40 vectors of which any two have this cosine, shape (40, 41)."""
        own = np.eye(40) * (1 - cosine) ** 0.5
        return np.hstack([own, np.full((40, 1), cosine**0.5)])

    labels = np.zeros(40, np.int64)
    assert extraordinary(units(0.4), labels) == COSINE
    assert extraordinary(units(0.9), labels) > 0.97
    # Four photos say nothing about what is ordinary.
    assert extraordinary(units(0.4)[:4], labels[:4]) == np.inf
