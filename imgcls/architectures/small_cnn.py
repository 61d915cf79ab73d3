"""A small CNN that starts from noise: convolution, ReLU and max pooling, as in the paper."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imgcls.architectures.layer import Layer, convolution
from imgcls.architectures.network import Network

if TYPE_CHECKING:
    import keras

# Twice as many filters each time the picture halves.
FILTERS = (16, 32, 64, 128)


def _layers(size: int) -> Iterator[Layer]:
    channels = 3
    for block, filters in enumerate(FILTERS, start=1):
        yield convolution(f"conv{block}", size, channels, filters, kernel=3, bias=True)
        size, channels = size // 2, filters
        yield Layer(f"pool{block}", "MaxPooling2D", (size, size, channels))


def _build(_: int) -> "list[keras.Layer]":
    import keras

    layers: list[keras.Layer] = []
    for block, filters in enumerate(FILTERS, start=1):
        layers += [
            keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=f"conv{block}"),
            keras.layers.MaxPooling2D(name=f"pool{block}"),
        ]
    return layers


NETWORK = Network(
    name="small_cnn",
    title="a small CNN",
    layers=_layers,
    build=_build,
    depths={
        "conv1": "the first convolution",
        "conv2": "the second convolution",
        "conv3": "the third convolution",
        "conv4": "the fourth convolution",
        "pool4": "the last max pooling",
    },
    first_convolution="conv1",
)
