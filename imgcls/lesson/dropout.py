"""Dropout, drawn and applied where it can be seen."""

import numpy as np
import numpy.typing as npt

from imgcls._utils.arrays import FloatArray

Mask = npt.NDArray[np.bool_]


def draw(units: int, rate: float, seed: int) -> Mask:
    """Return which units stay on, shape (units,): each one does with probability 1 - rate."""
    found: Mask = np.random.default_rng(seed).random(units) >= rate
    return found


def apply(values: FloatArray, kept: Mask, rate: float) -> FloatArray:
    """Set what is not kept to zero, and divide the rest by 1 - rate.

    That keeps the expected sum as it is, and in use nothing has to be done ("inverted" dropout;
    Srivastava et al. 2014, section 10, scale the weights in training or in use).
    """
    scaled: FloatArray = np.where(kept, values / (1 - rate), 0).astype(np.float32)
    return scaled
