"""The pretrained base above its cut in NumPy: run without TensorFlow what a .keras file holds."""

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

import numpy as np

from imgcls._utils.arrays import FloatArray
from imgcls.networks.layers import Layer

EPSILON = 1e-3  # of keras.applications' MobileNetV2, in each BatchNormalization
Product = Callable[[FloatArray, FloatArray], FloatArray]


class NumpyTail:
    """Layers of MobileNetV2 from the start of a bottleneck, or of the base, to the end.

    Each BatchNormalization is folded into the convolution before it, as in
    `imgcls.training.engines.fused`.

    Args:
        layers: of the base, in its order.
        weights: name of a layer -> its arrays in Keras's order.
    """

    def __init__(
        self, layers: Sequence[Layer], weights: Mapping[str, Sequence[FloatArray]]
    ) -> None:
        self._layers = layers
        self._folded = {
            layer.name: _fold(layer, weights[layer.name][0], weights[norm.name])
            for layer, norm in pairwise(layers)
            if norm.type == "BatchNormalization"
        }

    def __call__(self, features: FloatArray) -> FloatArray:
        """Map features at the cut (height, width, channels) to the base's last feature maps."""
        maps = entered = features
        before = None
        for layer in self._layers:
            if layer.name.endswith("_expand"):
                entered = maps
            maps = self._apply(layer, maps, entered, before)
            before = layer
        return maps

    def _apply(
        self, layer: Layer, maps: FloatArray, entered: FloatArray, before: Layer | None
    ) -> FloatArray:
        match layer.type:
            case "Conv2D" | "DepthwiseConv2D":
                kernel, shift = self._folded[layer.name]
                halves = layer.output_shape[0] < maps.shape[0]
                # A bottleneck that halves the picture has a layer of its own for the padding.
                if len(kernel) > 1 and (before is None or before.type != "ZeroPadding2D"):
                    maps = _pad(maps, 0 if halves else 1)
                product = _matrix if layer.type == "Conv2D" else np.multiply
                return _slide(maps, kernel, 2 if halves else 1, product) + shift
            case "ReLU":
                return np.clip(maps, 0, 6)
            case "ZeroPadding2D":
                return _pad(maps, layer.output_shape[0] - maps.shape[0] - 1)
            case "Add":
                return maps + entered
            case _:
                return maps


def _fold(
    layer: Layer, kernel: FloatArray, norm: Sequence[FloatArray]
) -> tuple[FloatArray, FloatArray]:
    scale, offset, mean, variance = norm
    factor = scale / np.sqrt(variance + EPSILON)
    # Keras keeps the depthwise kernels as (height, width, channels, 1).
    plain = kernel[..., 0] if layer.type == "DepthwiseConv2D" else kernel
    return plain * factor, offset - mean * factor


def _pad(maps: FloatArray, before: int) -> FloatArray:
    """Add one row and column of zeros behind the maps, and so many before them."""
    return np.pad(maps, ((before, 1), (before, 1), (0, 0)))


def _slide(maps: FloatArray, kernel: FloatArray, stride: int, product: Product) -> FloatArray:
    """Add up, over the kernel's places, the products with the maps moved there."""
    rows, columns = kernel.shape[:2]
    height, width = ((side - rows) // stride + 1 for side in maps.shape[:2])
    found: FloatArray = np.zeros(1, np.float32)
    for row in range(rows):
        for column in range(columns):
            down = slice(row, row + stride * height, stride)
            across = slice(column, column + stride * width, stride)
            found = found + product(maps[down, across], kernel[row, column])
    return found


def _matrix(maps: FloatArray, kernel: FloatArray) -> FloatArray:
    product: FloatArray = np.tensordot(maps, kernel, 1)
    return product
