import numpy as np
from PIL import Image

from imgcls.data.images import read_rgb
from imgcls.data.views import view

PICTURE = Image.fromarray(np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)).resize(
    (200, 150), Image.Resampling.BICUBIC
)


def test_the_first_view_is_the_photo_as_the_network_sees_it() -> None:
    assert np.array_equal(view(PICTURE, 0, 64, "a"), read_rgb(PICTURE, 64))


def test_a_view_follows_from_the_photo_and_its_number_alone() -> None:
    views = [view(PICTURE, number, 64, key) for key in "ab" for number in range(1, 5)]
    again = [view(PICTURE, number, 64, key) for key in "ab" for number in range(1, 5)]
    assert all(np.array_equal(one, other) for one, other in zip(views, again, strict=True))
    assert len({one.tobytes() for one in views}) == 8
    assert {one.shape for one in views} == {(64, 64, 3)}


def test_every_second_one_is_mirrored() -> None:
    ramp = Image.linear_gradient("L").rotate(90).convert("RGB")  # brighter to one side
    sides = [view(ramp, number, 32, "a").astype(int) for number in range(5)]
    rising = [one[:, -8:].mean() > one[:, :8].mean() for one in sides]
    assert rising == [rising[0], not rising[0], rising[0], not rising[0], rising[0]]
