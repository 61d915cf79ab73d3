"""The fast arrangement of the tail against the Keras layers it stands for."""

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from imgcls.training.engines.fused import FusedAdam, Tail


@pytest.fixture(scope="module")
def base(base_weights: Path) -> keras.Model:
    return keras.applications.MobileNetV2(
        input_shape=(64, 64, 3), include_top=False, weights=str(base_weights)
    )


# Through many layers rounding moves values across the kinks of ReLU6, and gradients jump there.
@pytest.mark.parametrize(
    ("cut", "tolerance"),
    [("block_2_add", 0.1), ("block_12_add", 1e-3), ("block_13_project_BN", 1e-3)],
)
def test_tail_and_its_gradients_are_those_of_the_layers(
    base: keras.Model, cut: str, tolerance: float
) -> None:
    inner = base.get_layer(cut).output
    layers = keras.Model(inner, base.output)
    features = tf.constant(np.random.default_rng(1).normal(size=(3, *inner.shape[1:])), tf.float32)
    trained = [variable.value for variable in layers.trainable_variables]
    assert len(trained) > 20

    def gradients(call: keras.Model | Tail, **how: bool) -> tuple[tf.Tensor, list[tf.Tensor]]:
        with tf.GradientTape() as tape:
            maps = call(features, **how)
            loss = tf.reduce_sum(tf.sin(maps))
        return maps, tape.gradient(loss, trained)

    expected_maps, expected = gradients(layers, training=False)
    maps, found = gradients(Tail(base, base.layers.index(base.get_layer(cut))))
    np.testing.assert_allclose(maps, expected_maps, atol=2e-3)  # of 0-6
    for ours, theirs in zip(found, expected, strict=True):
        assert tf.norm(ours - theirs) <= tolerance * tf.norm(theirs) + 1e-6


def test_rounded_factors_change_little_of_the_tail_and_its_gradients(base: keras.Model) -> None:
    cut = base.layers.index(base.get_layer("block_13_project_BN"))
    tail, inner = Tail(base, cut), base.layers[cut].output
    features = tf.constant(np.random.default_rng(1).normal(size=(3, *inner.shape[1:])), tf.float32)
    kernel = base.get_layer("Conv_1").kernel.value

    def found(product_type: tf.DType) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape() as tape:
            maps = tail(features, product_type)
            loss = tf.reduce_sum(maps)
        return maps, tape.gradient(loss, kernel)

    for exact, rounded in zip(found(tf.float32), found(tf.bfloat16), strict=True):
        assert rounded.dtype == tf.float32
        # bfloat16 has 8 bits, and with random weights many values lie near the kinks of ReLU6.
        assert 0 < tf.norm(rounded - exact) < 0.15 * tf.norm(exact)


def test_adam_is_keras_adam() -> None:
    random = np.random.default_rng(2)
    start = [random.normal(size=shape).astype("float32") for shape in ((3, 4), (5,))]
    ours = [tf.Variable(value) for value in start]
    theirs = [keras.Variable(value) for value in start]
    fused = FusedAdam(ours, 0.01)
    reference = keras.optimizers.Adam(0.01)
    for _ in range(10):
        gradients = [tf.constant(random.normal(size=value.shape), tf.float32) for value in start]
        fused.apply(gradients)
        reference.apply(gradients, theirs)
    for mine, expected in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(mine.numpy(), expected.numpy(), rtol=1e-5, atol=1e-6)
