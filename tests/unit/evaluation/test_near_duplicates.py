import dataclasses

import numpy as np

from imgcls.evaluation.near_duplicates import BITS, COLOR, alike, groups
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


def test_what_is_kept_is_read_again() -> None:
    again = PhotoFacts.from_bytes(PHOTO.to_bytes())
    for field in dataclasses.fields(PhotoFacts):
        assert np.array_equal(getattr(again, field.name), getattr(PHOTO, field.name))


def test_all_three_have_to_agree() -> None:
    other_features = changed(features=np.roll(PHOTO.features, 1))
    other_hash = changed(perceptual_hash=PHOTO.perceptual_hash ^ (2 ** (BITS + 1) - 1))
    other_colors = changed(colors=PHOTO.colors + np.uint8(COLOR + 1))
    for other in (other_features, other_hash, other_colors):
        assert groups([PHOTO, other]).tolist() == [0, 1]
    near = changed(
        perceptual_hash=PHOTO.perceptual_hash ^ (2**BITS - 1), colors=PHOTO.colors + np.uint8(COLOR)
    )
    assert groups([PHOTO, near]).tolist() == [0, 0]


def test_photos_between_them_bring_two_together() -> None:
    steps = [changed(colors=PHOTO.colors + np.uint8(step)) for step in (0, 15, 30, 45)]
    assert len({*groups(steps).tolist()}) == 1
    assert alike(steps).tolist() == [[0, 1], [1, 2], [2, 3]]


def test_of_no_photos_and_of_many() -> None:
    assert groups([]).tolist() == []
    many = [changed(features=random.uniform(0, 1, 1280).astype(np.float16) ** 8)] * 300
    assert {*groups([*many, PHOTO]).tolist()} == {0, 1}
