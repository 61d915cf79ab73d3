"""The network's layers in groups that a person can read: one a bottleneck."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from imgcls.architectures.layer import Layer, Shape
from imgcls.config import TrainConfig
from imgcls.networks.layers import is_trained, network_layers


@dataclass(frozen=True)
class Block:
    """Neighbouring layers with a job of their own.

    Attributes:
        name: for people.
        layers: from input to output.
    """

    name: str
    layers: tuple[Layer, ...]

    @property
    def types(self) -> str:
        """What it is made of, such as "Conv2D, BatchNormalization, ReLU"."""
        return ", ".join(dict.fromkeys(layer.type for layer in self.layers))

    @property
    def base_indices(self) -> str:
        """Which of the base's layers these are, such as "0 to 3"; empty outside of the base."""
        known = [layer.base_index for layer in self.layers if layer.base_index is not None]
        return f"{known[0]} to {known[-1]}" if known else ""

    @property
    def output_shape(self) -> Shape:
        """Shape of what leaves it."""
        return self.layers[-1].output_shape

    @property
    def params(self) -> int:
        """All its numbers."""
        return sum(layer.params for layer in self.layers)

    def trained_params(self, first_trainable: int | None) -> int:
        """Return how many of them change in a phase that trains from that layer on."""
        return sum(
            layer.trainable_params for layer in self.layers if is_trained(layer, first_trainable)
        )


def blocks(config: TrainConfig, classes: int = 10) -> list[Block]:
    """Return the layers of `network_layers` in groups, from input to output."""
    return list(_grouped(network_layers(config, classes)))


def _grouped(table: list[Layer]) -> Iterator[Block]:
    for name, members in groupby(table, key=_name):
        yield Block(name, tuple(members))


def _name(layer: Layer) -> str:
    return layer.block or layer.name.replace("_", " ")
