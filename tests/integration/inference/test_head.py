"""The head as arrays, against Keras's layers and a gradient computed by TensorFlow."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from imgcls.inference.grad_cam import grad_cam
from imgcls.inference.head import Head
from imgcls.networks.build import logits
from imgcls.runs.files import HEAD
from imgcls.runs.run import Run

CHANNELS = 1280


@pytest.fixture(scope="module")
def head(finished: Run) -> Head:
    return Head.load(finished.file(HEAD))


@pytest.fixture(scope="module")
def layers(finished: Run) -> keras.Model:
    """Feature maps -> logits, by the layers of the run's own model."""
    model = keras.saving.load_model(finished.file("model.keras"), compile=False)
    maps = keras.Input((5, 7, CHANNELS))
    values = keras.layers.GlobalAveragePooling2D()(maps)
    hidden = model.get_layer("dense")(values)
    return keras.Model(maps, logits(model.layers[-1], hidden))


@pytest.fixture(scope="module")
def maps() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    random = np.random.default_rng(1)
    return np.maximum(random.normal(size=(4, 5, 7, CHANNELS)), 0).astype(np.float32)


def test_logits_are_those_of_the_layers(
    head: Head, layers: keras.Model, maps: np.ndarray[tuple[int, ...], np.dtype[np.float32]]
) -> None:
    np.testing.assert_allclose(head.logits(maps.mean(axis=(1, 2))), layers(maps), atol=1e-4)


@pytest.mark.parametrize("label", [0, 1, 2])
def test_grad_cam_is_that_by_a_gradient(
    head: Head,
    layers: keras.Model,
    maps: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    label: int,
) -> None:
    for one in maps:
        values = tf.constant(one[np.newaxis])
        with tf.GradientTape() as tape:
            tape.watch(values)
            chosen = layers(values)[0, label]
        weights = tf.reduce_mean(tape.gradient(chosen, values), axis=[1, 2])[0]
        expected = tf.nn.relu(tf.tensordot(values[0], weights, 1)).numpy()
        found = grad_cam(head, one, label)
        assert found.shape == (5, 7)
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-6)


def test_it_survives_the_way_to_disk(head: Head, tmp_path: Path) -> None:
    head.save(tmp_path / "head.npz")
    again = Head.load(tmp_path / "head.npz")
    np.testing.assert_array_equal(again.hidden_kernel, head.hidden_kernel)
    np.testing.assert_array_equal(again.bias, head.bias)


def test_an_untrained_head_is_drawn_as_keras_draws_its_layers() -> None:
    keras.utils.set_random_seed(1)
    hidden, last = keras.layers.Dense(64), keras.layers.Dense(10)
    hidden.build((None, CHANNELS))
    last.build((None, 64))
    found = Head.untrained(CHANNELS, 64, 10, seed=1)
    for kernel, bias, layer in (
        (found.hidden_kernel, found.hidden_bias, hidden),
        (found.kernel, found.bias, last),
    ):
        expected, zeros = layer.get_weights()
        assert kernel.shape == expected.shape
        # Even from minus the limit to the limit: both reach it, and spread as far.
        assert np.abs(kernel).max() == pytest.approx(np.abs(expected).max(), rel=0.01)
        assert kernel.std() == pytest.approx(expected.std(), rel=0.05)
        assert abs(kernel.mean()) < 0.01
        np.testing.assert_array_equal(bias, zeros)
    again = Head.untrained(CHANNELS, 64, 10, seed=1)
    np.testing.assert_array_equal(again.kernel, found.kernel)
    assert (Head.untrained(CHANNELS, 64, 10, seed=2).kernel != found.kernel).all()
