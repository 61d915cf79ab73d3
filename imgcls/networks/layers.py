"""The networks on paper: layers, shapes and parameters, without TensorFlow.

The tests hold this against the Keras models that are trained.
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

from imgcls.config import FIRST_CUT, TrainConfig

# MobileNetV2's bottlenecks: expansion, output channels, repeats, stride of the first one.
# Sandler et al. 2018, table 2.
BOTTLENECKS = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
LAST_CHANNELS = 1280
# The small CNN: the paper's parts (convolution, ReLU, max pooling), twice as many filters each
# time the picture halves.
SMALL_CNN_FILTERS = (16, 32, 64, 128)
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
    """

    name: str
    type: str
    output_shape: Shape
    params: int = 0
    trainable_params: int = 0
    multiply_adds: int = 0
    base_index: int | None = None


def network_layers(config: TrainConfig, classes: int = 10) -> list[Layer]:
    """Return the layers of the network that `config` trains, the base's own ones included."""
    size = config.image_size
    photo = Layer("rescaling", "Rescaling", (size, size, 3))
    body = _base(size) if config.architecture == "mobilenet_v2" else list(_small_cnn(size))
    return [photo, *body, *_head(config, body[-1].output_shape[-1], classes)]


def describe(config: TrainConfig, classes: int = 10) -> dict[str, Any]:
    """Return the network as JSON types.

    Keys: base_layers (their number), layers, total_params, and phases with name, epochs,
    learning_rate, trainable_params and frozen_params.
    """
    table = network_layers(config, classes)
    total = sum(layer.params for layer in table)
    phases = []
    for phase in config.phases:
        trainable = sum(
            layer.trainable_params for layer in table if is_trained(layer, phase.first_trainable)
        )
        phases.append(
            {
                "name": phase.name,
                "epochs": phase.epochs,
                "learning_rate": phase.learning_rate,
                "trainable_params": trainable,
                "frozen_params": total - trainable,
            }
        )
    return {
        "base_layers": sum(layer.base_index is not None for layer in table),
        "layers": [asdict(layer) for layer in table],
        "total_params": total,
        "phases": phases,
    }


def cut_index(config: TrainConfig) -> int:
    """Return the index of the base's layer that ends the last wholly frozen bottleneck.

    Within a bottleneck of MobileNetV2 a residual connection may bypass layers; between two (Sandler
    et al. 2018, figure 4) one small tensor is all that goes on. `TrainConfig` sees to it that there
    is one.
    """
    names = [layer.name for layer in _base(config.image_size)]
    added = {name.replace("_add", "_project_BN") for name in names if name.endswith("_add")}
    ends = [
        name.endswith("_add") or (name.endswith("_project_BN") and name not in added)
        for name in names
    ]
    return max(index for index in range(config.fine_tune_at) if ends[index])


def cut_layer(config: TrainConfig) -> str | None:
    """Return the name of that layer; None when both phases share nothing but the photo."""
    if len(config.phases) == 1 or config.fine_tune_at < FIRST_CUT:
        return None
    return _base(config.image_size)[cut_index(config)].name


def multiply_adds(config: TrainConfig, first_layer: int = 0) -> int:
    """Return those of the pretrained base for one photo, from the layer of that index on."""
    return sum(layer.multiply_adds for layer in _base(config.image_size)[first_layer:])


def is_trained(layer: Layer, first_trainable: int | None) -> bool:
    """Return whether a phase trains `layer`: all of the head, and the base from that index on."""
    if layer.base_index is None:
        return True
    return first_trainable is not None and layer.base_index >= first_trainable


def _head(config: TrainConfig, channels: int, classes: int) -> list[Layer]:
    units = config.dense_units
    return [
        Layer("global_average_pooling", "GlobalAveragePooling2D", (channels,)),
        _dense("dense", channels, units),
        Layer("dropout", "Dropout", (units,)),
        _dense("predictions", units, classes),
    ]


def _dense(name: str, inputs: int, units: int) -> Layer:
    params = (inputs + 1) * units
    return Layer(name, "Dense", (units,), params, params, inputs * units)


def _small_cnn(size: int) -> Iterator[Layer]:
    channels = 3
    for block, filters in enumerate(SMALL_CNN_FILTERS, start=1):
        kernel = 9 * channels * filters
        params = kernel + filters
        shape = (size, size, filters)
        yield Layer(f"conv{block}", "Conv2D", shape, params, params, kernel * size**2)
        size, channels = size // 2, filters
        yield Layer(f"pool{block}", "MaxPooling2D", (size, size, channels))


def _base(size: int) -> list[Layer]:
    return [replace(layer, base_index=at) for at, layer in enumerate(_base_layers(size))]


def _base_layers(size: int) -> Iterator[Layer]:
    yield Layer("input", "InputLayer", (size, size, 3))
    size, channels = _half(size), 32
    yield from _convolution(("Conv1", "bn_Conv1", "Conv1_relu"), size, 3, channels, kernel=9)
    block = 0
    for expansion, filters, repeats, first_stride in BOTTLENECKS:
        for repeat in range(repeats):
            stride = first_stride if repeat == 0 else 1
            yield from _bottleneck(
                block,
                size,
                channels=channels,
                expansion=expansion,
                filters=filters,
                stride=stride,
            )
            size, channels, block = size // stride + size % stride, filters, block + 1
    yield from _convolution(("Conv_1", "Conv_1_bn", "out_relu"), size, channels, LAST_CHANNELS)


def _bottleneck(
    block: int, size: int, *, channels: int, expansion: int, filters: int, stride: int
) -> Iterator[Layer]:
    name = f"block_{block}" if block else "expanded_conv"
    wide = channels * expansion
    if expansion > 1:
        yield from _convolution(
            (f"{name}_expand", f"{name}_expand_BN", f"{name}_expand_relu"), size, channels, wide
        )
    if stride > 1:
        # One row and column more, on one side for even sizes and on both for odd ones.
        padded = size + 1 + size % 2
        yield Layer(f"{name}_pad", "ZeroPadding2D", (padded, padded, wide))
        size = _half(size)
    shape = (size, size, wide)
    yield Layer(
        f"{name}_depthwise", "DepthwiseConv2D", shape, 9 * wide, 9 * wide, 9 * wide * size**2
    )
    yield _norm(f"{name}_depthwise_BN", shape)
    yield Layer(f"{name}_depthwise_relu", "ReLU", shape)
    yield from _convolution((f"{name}_project", f"{name}_project_BN"), size, wide, filters)
    if stride == 1 and channels == filters:
        yield Layer(f"{name}_add", "Add", (size, size, filters))


def _convolution(
    names: tuple[str, ...], size: int, inputs: int, filters: int, kernel: int = 1
) -> Iterator[Layer]:
    """Yield a convolution, its normalization and, when there is a third name, its activation."""
    name, norm, *relu = names
    shape = (size, size, filters)
    params = kernel * inputs * filters
    yield Layer(name, "Conv2D", shape, params, params, params * size**2)
    yield _norm(norm, shape)
    for activation in relu:
        yield Layer(activation, "ReLU", shape)


def _norm(name: str, shape: Shape) -> Layer:
    return Layer(name, "BatchNormalization", shape, 4 * shape[-1], 2 * shape[-1])


def _half(size: int) -> int:
    return -(-size // 2)
