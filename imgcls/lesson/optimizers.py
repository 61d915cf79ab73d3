"""Two ways of walking down a valley: plain gradient descent and Adam, for one weight."""

from collections.abc import Callable

import numpy as np

from imgcls._utils.arrays import Floats

MINIMUM = 3.0  # where the valley of `valley` is deepest
BETA_1, BETA_2, EPSILON = 0.9, 0.999, 1e-7  # Keras's defaults
Gradient = Callable[[float], float]


def valley(scale: float) -> Gradient:
    """Return the gradient of the loss ``scale * (weight - MINIMUM) ** 2 / 2``."""
    return lambda weight: scale * (weight - MINIMUM)


def sgd(gradient: Gradient, start: float, rate: float, steps: int) -> Floats:
    """Return the weight before the first step and after each, shape (steps + 1,).

    Each step is the learning rate times the gradient.
    """
    weights = [start]
    for _ in range(steps):
        weights.append(weights[-1] - rate * gradient(weights[-1]))
    return np.array(weights)


def adam(gradient: Gradient, start: float, rate: float, steps: int) -> Floats:
    """Return the weight before the first step and after each, shape (steps + 1,).

    Kingma & Ba 2015, algorithm 1, with Keras's place for epsilon (the one of their section 2):
    each step is the learning rate times the mean of the gradients so far over the root of the mean
    of their squares, newer ones counting more. A factor in the gradient cancels.
    """
    weights, mean, square = [start], 0.0, 0.0
    for step in range(1, steps + 1):
        found = gradient(weights[-1])
        mean = BETA_1 * mean + (1 - BETA_1) * found
        square = BETA_2 * square + (1 - BETA_2) * found**2
        # Both begin at zero, and so are too small at first.
        corrected = rate * np.sqrt(1 - BETA_2**step) / (1 - BETA_1**step)
        weights.append(weights[-1] - corrected * mean / (np.sqrt(square) + EPSILON))
    return np.array(weights)
