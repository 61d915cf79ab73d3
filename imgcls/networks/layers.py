"""The network of a recipe on paper: layers, shapes and parameters, without TensorFlow.

The tests hold this against the Keras models that are trained.
"""

from dataclasses import asdict
from typing import Any

from imgcls.architectures.layer import Layer
from imgcls.config import TrainConfig


def network_layers(config: TrainConfig, classes: int = 10) -> list[Layer]:
    """Return the layers of the network that `config` trains, the base's own ones included."""
    size = config.image_size
    photo = Layer("rescaling", "Rescaling", (size, size, 3))
    body = config.network.table(size)
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

    Within a bottleneck a residual connection may bypass layers; between two (Sandler et al. 2018,
    figure 4) one small tensor is all that goes on. `TrainConfig` sees to it that there is one.
    """
    return max(cut for cut in config.network.cuts if cut < config.fine_tune_at)


def cut_layer(config: TrainConfig) -> str | None:
    """Return the name of that layer; None when both phases share nothing but the photo."""
    if len(config.phases) == 1 or config.fine_tune_at < config.network.first_cut:
        return None
    return config.network.table(config.image_size)[cut_index(config)].name


def multiply_adds(config: TrainConfig, first_layer: int = 0) -> int:
    """Return those of the pretrained base for one photo, from the layer of that index on."""
    return sum(
        layer.multiply_adds for layer in config.network.table(config.image_size)[first_layer:]
    )


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
