import numpy as np

from imgcls.data.crops import random_crop

RAMP = np.broadcast_to(np.arange(96, dtype=np.uint8)[:, np.newaxis], (96, 96, 3))
NOISE = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)


def test_a_crop_follows_from_seed_epoch_and_photo_alone() -> None:
    keys = [(seed, epoch, row) for seed in (1, 2) for epoch in (0, 1) for row in (0, 1)]
    crops = [random_crop(NOISE, 64, key) for key in keys]
    again = [random_crop(NOISE, 64, key) for key in keys]
    assert all(np.array_equal(one, other) for one, other in zip(crops, again, strict=True))
    assert len({one.tobytes() for one in crops}) == len(keys)
    assert {(one.shape, one.dtype.name) for one in crops} == {((64, 64, 3), "uint8")}


def test_half_of_them_are_mirrored_and_none_shows_less_than_a_third_of_the_width() -> None:
    crops = [random_crop(RAMP, 32, (1, 0, row)).astype(int) for row in range(400)]
    rises = np.array([one[0, -1, 0] - one[0, 0, 0] for one in crops])
    assert 150 < (rises > 0).sum() < 250
    # 35 % of the area at a ratio of 3 to 4 is half of the width; a pixel's middle is counted.
    assert 0.48 * 96 < np.abs(rises).min() < np.abs(rises).max() <= 96
