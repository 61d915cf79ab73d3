"""What Keras's fit is given: the rate of each step, and the part of each photo."""

from functools import partial
from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls._utils.arrays import RgbArray
from imgcls.config import with_settings
from imgcls.data.crops import random_crop
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.presets import PRESETS
from imgcls.training.engines import photos
from imgcls.training.engines.optimizer import adam, learning_rate
from imgcls.training.engines.photos import PhotoBatches, Photos

CONFIG = with_settings(PRESETS["scratch-residual"], ["initial_epochs=4", "image_size=32"])
(PHASE,) = CONFIG.phases


def test_the_rate_rises_for_a_quarter_of_the_steps_and_falls_to_nothing() -> None:
    rate = learning_rate(CONFIG, PHASE, photos=64 * 9 + 1)  # ten steps an epoch
    values = [float(rate(step)) for step in range(42)]
    highest = PHASE.learning_rate
    assert values[0] == pytest.approx(highest / 25)
    assert values[5] == pytest.approx((highest / 25 + highest) / 2)
    assert values[10] == pytest.approx(highest)
    assert values[25] == pytest.approx(highest / 2)  # the middle of half a cosine
    assert values[40:] == [0, 0]
    assert values[:11] == sorted(values[:11])
    assert values[10:] == sorted(values[10:], reverse=True)


def test_the_rate_of_other_recipes_is_a_number() -> None:
    scratch = PRESETS["scratch"]
    assert learning_rate(scratch, scratch.phases[0], photos=100) == 1e-3


def test_weight_decay_takes_of_kernels_alone() -> None:
    layer = keras.layers.Dense(2, bias_initializer="ones")
    layer.build((None, 3))
    before = layer.get_weights()
    optimizer = adam(CONFIG, PHASE, photos=100)
    optimizer.apply([keras.ops.zeros_like(each) for each in layer.variables], layer.variables)
    first_rate = PHASE.learning_rate / 25
    kernel, bias = layer.get_weights()
    np.testing.assert_allclose(
        kernel, before[0] * (1 - first_rate * CONFIG.weight_decay), rtol=1e-6
    )
    np.testing.assert_array_equal(bias, before[1])
    paper = PRESETS["paper"]
    assert adam(paper, paper.phases[0], photos=100).weight_decay is None


def test_each_epoch_sees_other_parts_of_photos_that_are_decoded_once(
    drawn_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = open_dataset(drawn_photos)
    decoded: list[int] = []

    def read(_: Dataset, __: str, size: int) -> RgbArray:
        decoded.append(size)
        return np.full((size, size, 3), 7, np.uint8)

    monkeypatch.setattr(Dataset, "read", read)
    source = Photos(dataset, CONFIG)
    for epoch in (0, 1):
        photo = partial(source.crop, epoch=epoch)
        pixels, labels = PhotoBatches(photo, np.arange(9), np.array([3, 1]), 64)[0]
        assert (pixels.shape, labels.tolist()) == ((2, 32, 32, 3), [3, 1])
        assert source.whole(3).shape == (32, 32, 3)
    assert decoded == [40, 40, 32]

    monkeypatch.setattr(photos, "KEPT_BYTES", 0)  # no room: what comes out is the same
    noise = np.random.default_rng(0).integers(0, 256, (40, 40, 3), np.uint8)
    monkeypatch.setattr(Dataset, "read", lambda *_: noise)
    crop = Photos(dataset, CONFIG).crop(1, epoch=2)
    assert np.array_equal(crop, random_crop(noise, 32, (CONFIG.seed, 2, 1)))
