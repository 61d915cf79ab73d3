"""A layer on paper, and the few kinds of them that the networks here are made of."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Layer:
    """One layer.

    Attributes:
        name: as in Keras.
        type: class name in Keras.
        output_shape: without the batch axis.
        params: all its numbers.
        trainable_params: those that training changes when the layer is not frozen; of a
            BatchNormalization scale and shift, not the moving statistics.
        multiply_adds: of convolutions and dense layers, for one photo.
        base_index: position in the pretrained base, None outside of it.
        block: the group that people know it by, such as "bottleneck 3"; empty outside of the base.
    """

    name: str
    type: str
    output_shape: Shape
    params: int = 0
    trainable_params: int = 0
    multiply_adds: int = 0
    base_index: int | None = None
    block: str = ""


def convolution(
    name: str, size: int, inputs: int, filters: int, *, kernel: int = 1, bias: bool = False
) -> Layer:
    """Return an ordinary convolution whose output is `size` pixels wide and high."""
    weights = kernel**2 * inputs * filters
    params = weights + filters * bias
    return Layer(name, "Conv2D", (size, size, filters), params, params, weights * size**2)


def depthwise(name: str, size: int, channels: int, *, kernel: int = 3) -> Layer:
    """Return a depthwise convolution whose output is `size` pixels wide and high."""
    weights = kernel**2 * channels
    return Layer(
        name, "DepthwiseConv2D", (size, size, channels), weights, weights, weights * size**2
    )


def normalized(layer: Layer, name: str) -> Iterator[Layer]:
    """Yield a convolution and the BatchNormalization behind it."""
    yield layer
    yield normalization(name, layer)


def normalization(name: str, behind: Layer) -> Layer:
    """Return a BatchNormalization behind a convolution."""
    channels = behind.output_shape[-1]
    return Layer(name, "BatchNormalization", behind.output_shape, 4 * channels, 2 * channels)


def relu(name: str, behind: Layer) -> Layer:
    """Return a ReLU behind a layer."""
    return Layer(name, "ReLU", behind.output_shape)


def in_block(block: str, layers: Iterable[Layer]) -> Iterator[Layer]:
    """Yield layers as those of a block, by the name that people know it by."""
    for layer in layers:
        yield replace(layer, block=block)


def padding(name: str, size: int, channels: int, *, kernel: int = 3) -> Layer:
    """Return Keras's padding before a convolution that moves two pixels at a time.

    One row and column more behind the picture than before it for even sizes, as many for odd ones.
    """
    padded = size + 2 * (kernel // 2) - 1 + size % 2
    return Layer(name, "ZeroPadding2D", (padded, padded, channels))


def half(size: int) -> int:
    """Return the side of what a convolution that moves two pixels at a time makes."""
    return -(-size // 2)
