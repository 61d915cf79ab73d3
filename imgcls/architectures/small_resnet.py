"""A small residual network that starts from noise: blocks as in ResNet (He et al. 2015)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from imgcls.architectures.layer import (
    Layer,
    convolution,
    half,
    in_block,
    normalization,
    normalized,
    relu,
)
from imgcls.architectures.network import Network

if TYPE_CHECKING:
    import keras

FIRST_CHANNELS = 32
# Output channels and stride of each block.
BLOCKS = ((32, 1), (64, 2), (128, 2), (256, 2))
# Of the moving statistics, which have to follow within a few epochs.
MOMENTUM = 0.9


def _layers(size: int) -> Iterator[Layer]:
    first = "first convolution"
    yield Layer("input", "InputLayer", (size, size, 3), block=first)
    size, channels = half(size), FIRST_CHANNELS
    conv = convolution("conv", size, 3, channels, kernel=3)
    yield from in_block(first, [*normalized(conv, "conv_bn"), relu("conv_relu", conv)])
    size //= 2
    yield Layer("pool", "MaxPooling2D", (size, size, channels), block=first)
    for number, (filters, stride) in enumerate(BLOCKS, start=1):
        size = half(size) if stride > 1 else size
        yield from in_block(f"block {number}", _block(f"block_{number}", size, channels, filters))
        channels = filters


def _block(name: str, size: int, channels: int, filters: int) -> Iterator[Layer]:
    """Yield a block's layers as Keras lists them: the two ways side by side."""
    first = convolution(f"{name}_conv_1", size, channels, filters, kernel=3)
    second = convolution(f"{name}_conv_2", size, filters, filters, kernel=3)
    shortcut = convolution(f"{name}_shortcut", size, channels, filters)
    yield from normalized(first, f"{name}_conv_1_bn")
    yield relu(f"{name}_conv_1_relu", first)
    ways = [second] if channels == filters else [second, shortcut]
    yield from ways
    yield from (normalization(f"{last.name}_bn", last) for last in ways)
    yield Layer(f"{name}_add", "Add", second.output_shape)
    yield relu(f"{name}_relu", second)


def _build(size: int) -> "list[keras.Layer]":
    import keras

    photo = keras.Input((size, size, 3), name="input")
    maps = keras.layers.ReLU(name="conv_relu")(_convolved(photo, "conv", FIRST_CHANNELS, 3, 2))
    maps = keras.layers.MaxPooling2D(name="pool")(maps)
    for number, (filters, stride) in enumerate(BLOCKS, start=1):
        name, before = f"block_{number}", maps
        maps = _convolved(before, f"{name}_conv_1", filters, 3, stride)
        maps = keras.layers.ReLU(name=f"{name}_conv_1_relu")(maps)
        maps = _convolved(maps, f"{name}_conv_2", filters, 3)
        if before.shape[-1] != filters:
            before = _convolved(before, f"{name}_shortcut", filters, 1, stride)
        maps = keras.layers.Add(name=f"{name}_add")([maps, before])
        maps = keras.layers.ReLU(name=f"{name}_relu")(maps)
    return [keras.Model(photo, maps, name="residual_blocks")]


def _convolved(maps: Any, name: str, filters: int, kernel: int, stride: int = 1) -> Any:
    """Return a convolution of `maps` with the normalization behind it."""
    import keras

    conv = keras.layers.Conv2D(
        filters,
        kernel,
        strides=stride,
        padding="same",
        use_bias=False,
        kernel_initializer="he_normal",
        name=name,
    )
    return keras.layers.BatchNormalization(momentum=MOMENTUM, name=f"{name}_bn")(conv(maps))


NETWORK = Network(
    name="small_resnet",
    title="a small residual network",
    layers=_layers,
    build=_build,
    depths={
        "conv_relu": "the first convolution",
        **{f"block_{number}_relu": f"block {number}" for number in range(1, len(BLOCKS) + 1)},
    },
    first_convolution="conv",
)
