"""Probabilities and energies, against SciPy and against Keras itself."""

from typing import Any

import keras
import numpy as np
import pytest
from scipy.special import logsumexp, softmax

from imgcls.evaluation.metrics import scores
from imgcls.inference.softmax import negative_energy, probabilities

LOGITS = np.random.default_rng(0).normal(0, 4, (200, 10)).astype(np.float32)


@pytest.mark.parametrize("shift", [0, 1000, -1000])
def test_probabilities_are_softmax_also_where_exp_overflows(shift: float) -> None:
    logits = LOGITS.astype(np.float64) + shift
    np.testing.assert_allclose(probabilities(logits), softmax(logits, axis=1), rtol=1e-9)
    np.testing.assert_allclose(negative_energy(logits), logsumexp(logits, axis=1), rtol=1e-12)


def test_float32_logits_lose_nothing_more() -> None:
    expected = softmax(LOGITS.astype(np.float64), axis=1)
    np.testing.assert_allclose(probabilities(LOGITS), expected, rtol=1e-12)
    np.testing.assert_allclose(probabilities(LOGITS).sum(axis=1), 1)


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
@pytest.mark.parametrize("scale", [1, 30], ids=["usual", "sure of itself"])
@pytest.mark.parametrize("run_eagerly", [False, True])
def test_keras_trains_with_the_loss_of_the_softmax_of_the_logits(
    activation: str, scale: float, run_eagerly: bool
) -> None:
    """The claim of `probabilities`: Keras takes the sigmoid's logits, not its outputs."""
    random = np.random.default_rng(1)
    inputs = random.normal(0, 1, (96, 8)).astype(np.float32)
    labels = random.integers(0, 5, 96)
    last = keras.layers.Dense(5, activation=activation)
    model = keras.Sequential([keras.Input((8,)), last])
    last.set_weights([scale * random.normal(0, 1, (8, 5)), random.normal(0, 1, 5)])
    model.compile(
        loss="sparse_categorical_crossentropy", metrics=["accuracy"], run_eagerly=run_eagerly
    )
    loss, accuracy = model.evaluate(inputs, labels, batch_size=32, verbose=0)
    kernel, bias = last.get_weights()
    logits: Any = inputs.astype(np.float64) @ kernel + bias
    found = scores(logits, labels)
    assert found.loss == pytest.approx(loss, rel=1e-5)
    if scale == 1:  # else sigmoids of several classes are 1, and Keras takes the first of them
        assert found.accuracy == pytest.approx(accuracy)
