"""Where to look into a network, and which of its feature maps tell most about a photo."""

from dataclasses import dataclass

import numpy as np

from imgcls._utils.arrays import FloatArray
from imgcls.architectures.layer import Layer, Shape
from imgcls.config import TrainConfig
from imgcls.networks.layers import network_layers


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
    """Return the places, from the photo on: six in the pretrained ones, five in the others."""
    names = config.network.depths
    return [
        Depth(layer.name, names[layer.name], layer.output_shape, _is_signed(layer))
        for layer in network_layers(config)
        if layer.name in names
    ]


def first_convolution(config: TrainConfig) -> str:
    """Return the name of the layer whose kernels look at the photo itself."""
    return config.network.first_convolution


def liveliest(maps: FloatArray, count: int) -> list[int]:
    """Return the channels that tell most about this photo, at most `count`, from the top down.

    Those whose values spread most (standard deviation) over the photo. The largest mean would put
    maps in front that are as strong anywhere, whatever the photo shows; it decides between equals,
    as all maps of a single place are.

    Args:
        maps: shape (height, width, channels).
        count: how many.
    """
    spread, size = maps.std(axis=(0, 1)), np.abs(maps).mean(axis=(0, 1))
    order: list[int] = np.lexsort((-size, -spread))[:count].tolist()
    return order


def _is_signed(layer: Layer) -> bool:
    # Of the activations only ReLU has its own class in Keras; hard swish goes below zero.
    return layer.type in ("Add", "BatchNormalization", "Activation")
