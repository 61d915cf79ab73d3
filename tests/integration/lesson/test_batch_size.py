import numpy as np
import pytest
import tensorflow as tf

from imgcls.inference.softmax import probabilities
from imgcls.lesson.batch_size import gradients, noise, steps_per_epoch


@pytest.mark.parametrize(
    ("photos", "size", "steps"), [(9_469, 32, 296), (64, 32, 2), (1, 512, 1), (513, 512, 2)]
)
def test_the_last_batch_of_an_epoch_may_be_smaller(photos: int, size: int, steps: int) -> None:
    assert steps_per_epoch(photos, size) == steps
    assert len(tf.data.Dataset.range(photos).batch(size)) == steps


def test_the_gradients_are_those_of_tensorflow() -> None:
    random = np.random.default_rng(0)
    logits = random.normal(0, 3, (20, 5))
    labels = random.integers(0, 5, 20)
    values = tf.Variable(logits)
    with tf.GradientTape() as tape:
        loss = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, values)
    np.testing.assert_allclose(
        gradients(probabilities(logits), labels), tape.gradient(loss, values), atol=1e-9
    )


def test_the_noise_falls_with_the_root_of_the_batch_size() -> None:
    found = np.random.default_rng(1).normal(0.5, 2, (5000, 4))
    table = noise(found, [1, 4, 16, 64])
    # Four values, each with a standard deviation of 2.
    assert table["expected"].tolist() == pytest.approx([4, 2, 1, 0.5], rel=0.05)
    assert table["measured"].tolist() == pytest.approx(table["expected"].tolist(), rel=0.15)
