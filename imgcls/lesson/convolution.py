"""Convolution, activation and pooling of one small picture, in steps that can be shown."""

from typing import Literal

import numpy as np
from scipy.signal import correlate2d

from imgcls._utils.arrays import FloatArray, RgbArray

Pooling = Literal["max", "average"]
# Gonzalez & Woods, "Digital Image Processing", chapter 3: Sobel's operator, the mean of nine
# pixels, and the picture with its Laplacian added.
KERNELS: dict[str, FloatArray] = {
    "Vertical edges": np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]], np.float32),
    "Horizontal edges": np.array([[-1, -2, -1], [0, 0, 0], [1, 2, 1]], np.float32),
    "Blur": np.full((3, 3), 1 / 9, np.float32),
    "Sharpen": np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], np.float32),
}
SIX = 6.0  # where ReLU6 cuts off


def rescaled(pixels: RgbArray) -> FloatArray:
    """Return pixels, values 0-255, as the network's first layer makes them: from -1 to 1."""
    found: FloatArray = pixels.astype(np.float32) / 127.5 - 1
    return found


def windows(picture: FloatArray, size: int, stride: int = 1) -> FloatArray:
    """Return every square of a picture, without a border around it ("valid" in Keras).

    Args:
        picture: shape (height, width).
        size: side of the square.
        stride: pixels from one square to the next.

    Returns:
        Shape (rows, columns, size, size); a view of the picture.
    """
    found: FloatArray = np.lib.stride_tricks.sliding_window_view(picture, (size, size))
    return found[::stride, ::stride]


def convolve(picture: FloatArray, kernel: FloatArray, bias: float = 0.0) -> FloatArray:
    """Return what a kernel makes of a picture: at each place the sum of the products, and a bias.

    What neural networks call a convolution; to mathematics it is a cross-correlation, since the
    kernel is not turned around first.

    Args:
        picture: shape (height, width).
        kernel: shape (size, size).
        bias: added at each place.

    Returns:
        Shape (height - size + 1, width - size + 1).
    """
    sums: FloatArray = correlate2d(picture, kernel, mode="valid") + bias
    return sums


def relu(values: FloatArray) -> FloatArray:
    """Set what is negative to zero (Nair & Hinton 2010)."""
    return np.maximum(values, 0)


def relu6(values: FloatArray) -> FloatArray:
    """Set what is negative to zero, and what is above 6 to 6 (Krizhevsky 2010)."""
    return np.clip(values, 0, SIX)


def pool(values: FloatArray, kind: Pooling, size: int, stride: int) -> FloatArray:
    """Return the largest value, or the mean, of each square.

    Args:
        values: shape (height, width).
        kind: "max" or "average".
        size: side of the square.
        stride: values from one square to the next.

    Returns:
        Shape (rows, columns): as many as there are whole squares.
    """
    squares = windows(values, size, stride)
    pooled: FloatArray = (np.max if kind == "max" else np.mean)(squares, axis=(2, 3))
    return pooled


def busiest(picture: FloatArray, size: int) -> tuple[int, int]:
    """Return row and column of the square that varies most: the one worth looking at."""
    spread = windows(picture, size).var(axis=(2, 3))
    row, column = np.unravel_index(spread.argmax(), spread.shape)
    return int(row), int(column)
