"""MobileNetV3 Large without its top: Howard et al. 2019, as ``keras.applications`` builds it."""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

from imgcls.architectures.layer import (
    Layer,
    convolution,
    depthwise,
    half,
    in_block,
    normalized,
    padding,
)
from imgcls.architectures.network import Network, Pretrained

if TYPE_CHECKING:
    import keras

# The bottlenecks (table 1): kernel, wide channels, output channels, squeeze-and-excite, activation
# ("ReLU", or "Activation" for hard swish), stride.
BOTTLENECKS = (
    (3, 16, 16, False, "ReLU", 1),
    (3, 64, 24, False, "ReLU", 2),
    (3, 72, 24, False, "ReLU", 1),
    (5, 72, 40, True, "ReLU", 2),
    (5, 120, 40, True, "ReLU", 1),
    (5, 120, 40, True, "ReLU", 1),
    (3, 240, 80, False, "Activation", 2),
    (3, 200, 80, False, "Activation", 1),
    (3, 184, 80, False, "Activation", 1),
    (3, 184, 80, False, "Activation", 1),
    (3, 480, 112, True, "Activation", 1),
    (3, 672, 112, True, "Activation", 1),
    (5, 672, 160, True, "Activation", 2),
    (5, 960, 160, True, "Activation", 1),
    (5, 960, 160, True, "Activation", 1),
)
FIRST_CHANNELS, LAST_CHANNELS = 16, 960
# Keras counts these on through a whole process; here they are called after the layer before them.
_COUNTED = re.compile(r"(re_lu|activation)(_\d+)?")


def _layers(size: int) -> Iterator[Layer]:
    first = "first convolution"
    yield Layer("input", "InputLayer", (size, size, 3), block=first)
    size, channels = half(size), FIRST_CHANNELS
    conv = convolution("conv", size, 3, channels, kernel=3)
    yield from in_block(first, _activated(conv, "conv_bn", "Activation"))
    for number, (kernel, wide, filters, squeeze, activation, stride) in enumerate(BOTTLENECKS):
        name = f"expanded_conv_{number}" if number else "expanded_conv"
        block: list[Layer] = []
        if number:
            expand = convolution(f"{name}_expand", size, channels, wide)
            block += _activated(expand, f"{name}_expand_bn", activation)
        if stride > 1:
            block.append(padding(f"{name}_depthwise_pad", size, wide, kernel=kernel))
            size = half(size)
        filtered = depthwise(f"{name}_depthwise", size, wide, kernel=kernel)
        block += _activated(filtered, f"{name}_depthwise_bn", activation)
        if squeeze:
            block += _squeeze_and_excite(f"{name}_squeeze_excite", size, wide)
        project = convolution(f"{name}_project", size, wide, filters)
        block += normalized(project, f"{name}_project_bn")
        if stride == 1 and channels == filters:
            block.append(Layer(f"{name}_add", "Add", project.output_shape))
        yield from in_block(f"bottleneck {number}", block)
        channels = filters
    conv = convolution("conv_1", size, channels, LAST_CHANNELS)
    yield from in_block("last convolution", _activated(conv, "conv_1_bn", "Activation"))


def _squeeze_and_excite(name: str, size: int, wide: int) -> Iterator[Layer]:
    """Yield the layers that weigh each map by what it shows anywhere (Hu et al. 2018)."""
    narrow = _eighths(wide / 4)
    yield Layer(f"{name}_avg_pool", "GlobalAveragePooling2D", (1, 1, wide))
    yield convolution(f"{name}_conv", 1, wide, narrow, bias=True)
    yield Layer(f"{name}_relu", "ReLU", (1, 1, narrow))
    yield convolution(f"{name}_conv_1", 1, narrow, wide, bias=True)
    yield Layer(f"{name}_conv_1_activation", "ReLU", (1, 1, wide))
    yield Layer(f"{name}_mul", "Multiply", (size, size, wide))


def _eighths(channels: float) -> int:
    """Return the nearest multiple of 8 that is not smaller by more than a tenth."""
    rounded = max(8, int(channels + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * channels else rounded


def _activated(layer: Layer, norm: str, activation: str) -> Iterator[Layer]:
    yield from normalized(layer, norm)
    yield Layer(f"{norm}_activation", activation, layer.output_shape)


def _build(size: int) -> "list[keras.Layer]":
    import keras

    base = keras.applications.MobileNetV3Large(
        (size, size, 3), include_top=False, weights=None, include_preprocessing=False
    )
    for before, layer in pairwise(base.layers):
        if _COUNTED.fullmatch(layer.name):
            layer.name = f"{before.name}_activation"
    return [base]


NETWORK = Network(
    name="mobilenet_v3_large",
    title="MobileNetV3 Large",
    layers=_layers,
    build=_build,
    depths={
        "conv_bn_activation": "the first convolution",
        "expanded_conv_2_add": "bottleneck 2",
        "expanded_conv_5_add": "bottleneck 5",
        "expanded_conv_11_add": "bottleneck 11",
        "expanded_conv_14_add": "bottleneck 14",
        "conv_1_bn_activation": "the last convolution",
    },
    first_convolution="conv",
    pretrained=Pretrained(
        url="https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v3/",
        file="weights_mobilenet_v3_large_{size}_1.0_float_no_top_v2.h5",
        sizes=(224,),
        megabytes=12,
    ),
)
