"""MobileNetV2 without its top: Sandler et al. 2018, as ``keras.applications`` builds it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imgcls.architectures.layer import (
    Layer,
    convolution,
    depthwise,
    half,
    in_block,
    normalized,
    padding,
    relu,
)
from imgcls.architectures.network import Network, Pretrained

if TYPE_CHECKING:
    import keras

# The bottlenecks: expansion, output channels, repeats, stride of the first one (table 2).
BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
FIRST_CHANNELS, LAST_CHANNELS = 32, 1280


def _layers(size: int) -> Iterator[Layer]:
    first = "first convolution"
    yield Layer("input", "InputLayer", (size, size, 3), block=first)
    size, channels, number = half(size), FIRST_CHANNELS, 0
    conv = convolution("Conv1", size, 3, channels, kernel=3)
    yield from in_block(first, [*normalized(conv, "bn_Conv1"), relu("Conv1_relu", conv)])
    for expansion, filters, repeats, first_stride in BOTTLENECKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            wide = channels * expansion
            block = _bottleneck(number, size, channels, wide=wide, filters=filters, stride=stride)
            yield from in_block(f"bottleneck {number}", block)
            size, channels, number = half(size) if stride > 1 else size, filters, number + 1
    conv = convolution("Conv_1", size, channels, LAST_CHANNELS)
    yield from in_block(
        "last convolution", [*normalized(conv, "Conv_1_bn"), relu("out_relu", conv)]
    )


def _bottleneck(
    number: int, size: int, channels: int, *, wide: int, filters: int, stride: int
) -> Iterator[Layer]:
    name = f"block_{number}" if number else "expanded_conv"
    if wide > channels:
        expand = convolution(f"{name}_expand", size, channels, wide)
        yield from normalized(expand, f"{name}_expand_BN")
        yield relu(f"{name}_expand_relu", expand)
    if stride > 1:
        yield padding(f"{name}_pad", size, wide)
        size = half(size)
    filtered = depthwise(f"{name}_depthwise", size, wide)
    yield from normalized(filtered, f"{name}_depthwise_BN")
    yield relu(f"{name}_depthwise_relu", filtered)
    project = convolution(f"{name}_project", size, wide, filters)
    yield from normalized(project, f"{name}_project_BN")
    if stride == 1 and channels == filters:
        yield Layer(f"{name}_add", "Add", project.output_shape)


def _build(size: int) -> "list[keras.Layer]":
    import keras

    return [keras.applications.MobileNetV2((size, size, 3), include_top=False, weights=None)]


NETWORK = Network(
    name="mobilenet_v2",
    title="MobileNetV2",
    layers=_layers,
    build=_build,
    # The first convolution, the last layer at each size of picture, and what is pooled in the end.
    depths={
        "Conv1_relu": "the first convolution",
        "block_2_add": "bottleneck 2",
        "block_5_add": "bottleneck 5",
        "block_12_add": "bottleneck 12",
        "block_16_project_BN": "bottleneck 16",
        "out_relu": "the last convolution",
    },
    first_convolution="Conv1",
    pretrained=Pretrained(
        url="https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/",
        file="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{size}_no_top.h5",
        sizes=(96, 128, 160, 192, 224),
        megabytes=9,
        known={
            "102a691e175c0747a9da59affe8b7bce915f9a814111257bf65163730a50e1c6": (
                "Keras's own ImageNet weights for 224 px, unchanged"
            ),
            "a7ab2f82c669ada752850d7322f0fadbcc19b5ec5cb0442fc0f7a9503598058e": (
                "160 px base, last 30 layers adapted on Stanford Dogs; "
                "layers 0-123 are Keras's own ImageNet weights"
            ),
        },
    ),
    cached=True,
)
