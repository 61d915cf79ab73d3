import keras
import numpy as np
import pytest

from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.predictor import Predictor
from imgcls.lesson.normalization import EPSILON, normalize, sums
from imgcls.networks.feature_info import first_convolution
from imgcls.runs.run import Run

MAPS = np.random.default_rng(0).normal(3, 0.4, (8, 8)).astype(np.float32)


@pytest.mark.parametrize(("scale", "shift"), [(1.0, 0.0), (0.5, -2.0)])
def test_it_is_keras_batch_normalization(scale: float, shift: float) -> None:
    layer = keras.layers.BatchNormalization(
        epsilon=EPSILON,
        gamma_initializer=keras.initializers.Constant(scale),
        beta_initializer=keras.initializers.Constant(shift),
    )
    theirs = np.asarray(layer(MAPS[np.newaxis, ..., np.newaxis], training=True))[0, ..., 0]
    found = normalize(MAPS, scale, shift)
    np.testing.assert_allclose(found, theirs, atol=1e-5)
    assert (found.mean(), found.std()) == pytest.approx((shift, scale), abs=0.005)


def test_the_sums_are_what_the_network_adds_its_shift_to(finished: Run) -> None:
    predictor = Predictor(finished)
    pixels = read_rgb(sample_photos()["A flower"], predictor.image_size)
    found = sums(pixels, predictor.kernels(first_convolution(finished.config)))
    rows, columns, channels = found.shape
    after = predictor.layer_outputs(pixels, ["Conv1_relu"])["Conv1_relu"][:rows, :columns]
    for channel in range(channels):
        values, passed = found[..., channel], after[..., channel]
        inside = (passed > 0) & (passed < 6)
        if inside.any():
            shift = np.median((passed - values)[inside])
            np.testing.assert_allclose(passed, np.clip(values + shift, 0, 6), atol=1e-4)
