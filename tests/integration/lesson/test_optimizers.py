"""Both paths, against Keras's own optimizers."""

from typing import Any

import keras
import numpy as np
import pytest

from imgcls.lesson.optimizers import MINIMUM, adam, sgd, valley

STEPS = 40


@pytest.mark.parametrize("scale", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("ours", [sgd, adam])
def test_the_path_is_that_of_keras(ours: Any, scale: float) -> None:
    rate = 0.05
    theirs = {sgd: keras.optimizers.SGD, adam: keras.optimizers.Adam}[ours](rate)
    weight = keras.Variable(-1.0, dtype="float64")
    gradient = valley(scale)
    path = [float(weight.value)]
    for _ in range(STEPS):
        found = keras.ops.convert_to_tensor(gradient(float(weight.value)), dtype="float64")
        theirs.apply([found], [weight])
        path.append(float(weight.value))
    np.testing.assert_allclose(ours(gradient, -1.0, rate, STEPS), path, rtol=1e-4, atol=1e-4)


def test_adams_first_step_is_the_learning_rate_whatever_the_gradient() -> None:
    for scale in (0.001, 1, 1000):
        start, after = adam(valley(scale), -1.0, 0.1, 1)
        assert after - start == pytest.approx(0.1, rel=1e-3)


def test_a_factor_in_the_gradient_changes_the_path_of_sgd_alone() -> None:
    near, far = (adam(valley(scale), -1.0, 0.1, STEPS) for scale in (1, 100))
    np.testing.assert_allclose(near, far, atol=1e-4)
    slow, fast = (sgd(valley(scale), -1.0, 0.1, STEPS) for scale in (0.01, 1))
    assert abs(slow[-1] - MINIMUM) > 3
    assert abs(fast[-1] - MINIMUM) < 0.1
