"""Batch normalization of one feature map of the first convolution, in steps that can be shown."""

import numpy as np

from imgcls._utils.arrays import FloatArray, RgbArray
from imgcls.lesson.convolution import rescaled

EPSILON = 1e-3  # Keras's: a map that is the same everywhere shall not be divided by zero
STRIDE = 2  # pixels that the first convolution of the pretrained networks moves at a time


def sums(pixels: RgbArray, kernels: FloatArray) -> FloatArray:
    """Return what each kernel makes of a photo, before the normalization adds anything.

    At the lower and the right edge, where Keras pads the photo, nothing is computed.

    Args:
        pixels: shape (size, size, 3), values 0-255.
        kernels: shape (count, height, width, 3), as `Predictor.kernels`.

    Returns:
        Shape (rows, columns, count).
    """
    windows = np.lib.stride_tricks.sliding_window_view(
        rescaled(pixels), kernels.shape[1:3], axis=(0, 1)
    )
    found: FloatArray = np.tensordot(
        windows[::STRIDE, ::STRIDE], kernels.transpose(3, 1, 2, 0), axes=3
    )
    return found


def normalize(values: FloatArray, scale: float, shift: float) -> FloatArray:
    """Return values with mean `shift` and, but for EPSILON, standard deviation `scale`.

    Batch normalization as training does it (Ioffe & Szegedy 2015, algorithm 1), where the values of
    one feature map over one photo stand for those over a batch.
    """
    spread = np.sqrt(values.var() + EPSILON)
    normalized: FloatArray = (values - values.mean()) / spread * scale + shift
    return normalized
