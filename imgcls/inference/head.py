"""The trained head as plain arrays: what of a run's answers can be explained without TensorFlow."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from imgcls._utils.arrays import FloatArray


@dataclass(frozen=True)
class Head:
    """The two dense layers above global average pooling.

    Attributes:
        hidden_kernel: shape (channels, units).
        hidden_bias: shape (units,).
        kernel: shape (units, classes).
        bias: shape (classes,).
    """

    hidden_kernel: FloatArray
    hidden_bias: FloatArray
    kernel: FloatArray
    bias: FloatArray

    def save(self, path: Path) -> None:
        """Write the arrays. Raises OSError."""
        np.savez_compressed(path, **asdict(self))

    @classmethod
    def load(cls, file: Path | BinaryIO) -> "Head":
        """Read what `save` has written. Raises OSError or ValueError."""
        with np.load(file) as arrays:
            return cls(**arrays)

    @classmethod
    def untrained(cls, channels: int, units: int, classes: int, seed: int) -> "Head":
        """Return a head as training begins with: random kernels, and biases of zero.

        The kernels are drawn as Keras's Dense draws them, evenly from -limit to limit with limit
        = sqrt(6 / (inputs + outputs)) (Glorot and Bengio 2010), but by NumPy: from the same seed
        Keras draws other numbers.
        """
        random = np.random.default_rng(seed)
        limits = [(6 / sum(shape)) ** 0.5 for shape in ((channels, units), (units, classes))]
        hidden = random.uniform(-limits[0], limits[0], (channels, units)).astype(np.float32)
        last = random.uniform(-limits[1], limits[1], (units, classes)).astype(np.float32)
        return cls(hidden, np.zeros(units, np.float32), last, np.zeros(classes, np.float32))

    def logits(self, pooled: FloatArray) -> FloatArray:
        """Map pooled features (n, channels) to logits (n, classes)."""
        hidden: FloatArray = np.maximum(pooled @ self.hidden_kernel + self.hidden_bias, 0)
        return hidden @ self.kernel + self.bias
