"""The trained head as plain arrays: what of a run's answers can be explained without TensorFlow."""

from dataclasses import asdict, dataclass
from pathlib import Path

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
    def load(cls, path: Path) -> "Head":
        """Read what `save` has written. Raises OSError or ValueError."""
        with np.load(path) as arrays:
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

    def activation_map(self, feature_maps: FloatArray, label: int) -> FloatArray:
        """Return where in the photo the evidence for a class lies.

        Grad-CAM (Selvaraju et al. 2017) in closed form. The weight of a feature map is the mean
        gradient of the class's logit by its values. Above the maps there are only a mean and two
        dense layers, so that this gradient is the same at every place: the head's kernels, with
        the hidden units left out that ReLU has switched off.

        Args:
            feature_maps: the last ones, shape (height, width, channels).
            label: the class.

        Returns:
            Shape (height, width), at least 0, in units of the logit: before ReLU cuts them off,
            the values add up to the part of the logit that depends on the photo.
        """
        height, width, _ = feature_maps.shape
        pooled = feature_maps.mean(axis=(0, 1))
        active = pooled @ self.hidden_kernel + self.hidden_bias > 0
        weights = self.hidden_kernel[:, active] @ self.kernel[active, label] / (height * width)
        found: FloatArray = np.maximum(feature_maps @ weights, 0)
        return found
