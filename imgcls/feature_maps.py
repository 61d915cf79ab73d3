"""Which of a network's feature maps are worth looking at, and how strongly they answer."""

from dataclasses import dataclass

import numpy as np

from imgcls.architecture import Layer, Shape, layers
from imgcls.config import TrainConfig
from imgcls.litert import FloatArray

# The first convolution, the last layer at each size of picture, and what is pooled in the end.
MOBILENET = {
    "Conv1_relu": "the first convolution",
    "block_2_add": "bottleneck 2",
    "block_5_add": "bottleneck 5",
    "block_12_add": "bottleneck 12",
    "block_16_project_BN": "bottleneck 16",
    "out_relu": "the last convolution",
}
SMALL_CNN = {
    "conv1": "the first convolution",
    "conv2": "the second convolution",
    "conv3": "the third convolution",
    "conv4": "the fourth convolution",
    "pool4": "the last max pooling",
}


@dataclass(frozen=True)
class Depth:
    """A place in the network to look at.

    Attributes:
        layer: Keras's name.
        name: for people.
        shape: of the feature maps there, (height, width, channels).
        signed: whether they hold numbers below zero: there is no ReLU behind a bottleneck.
    """

    layer: str
    name: str
    shape: Shape
    signed: bool


def depths(config: TrainConfig) -> list[Depth]:
    """Return the places, from the photo on: six in MobileNetV2, five in the small CNN."""
    names = MOBILENET if config.architecture == "mobilenet_v2" else SMALL_CNN
    return [
        Depth(layer.name, names[layer.name], layer.output_shape, _is_signed(layer))
        for layer in layers(config)
        if layer.name in names
    ]


def strengths(maps: FloatArray) -> FloatArray:
    """Return how strongly each map answers: the mean of its values' sizes, shape (channels,).

    Args:
        maps: shape (height, width, channels).
    """
    found: FloatArray = np.abs(maps).mean(axis=(0, 1))
    return found


def strongest(maps: FloatArray, count: int) -> list[int]:
    """Return the channels of the maps that answer most strongly, at most `count`, in order."""
    order: list[int] = np.argsort(-strengths(maps), kind="stable")[:count].tolist()
    return order


def _is_signed(layer: Layer) -> bool:
    return layer.type in ("Add", "BatchNormalization")
