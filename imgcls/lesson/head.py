"""What the head's dense layers cost, behind global average pooling and behind Flatten."""

import math
from dataclasses import dataclass

from imgcls.architectures.layer import Shape
from imgcls.config import TrainConfig

POOLED, FLATTENED = "global average pooling", "Flatten"


@dataclass(frozen=True)
class Dense:
    """A dense layer on paper.

    Attributes:
        inputs: numbers that enter.
        units: numbers that leave.
    """

    inputs: int
    units: int

    @property
    def params(self) -> int:
        """A weight for each pair of an input and a unit, and a bias for each unit."""
        return self.inputs * self.units + self.units


def last_maps(config: TrainConfig) -> Shape:
    """Return the shape of the last feature maps, (height, width, channels)."""
    return config.network.table(config.image_size)[-1].output_shape


def base_params(config: TrainConfig) -> int:
    """Return how many parameters there are below the head."""
    return sum(layer.params for layer in config.network.table(config.image_size))


def heads(config: TrainConfig, units: int, classes: int) -> dict[str, tuple[Dense, Dense]]:
    """Return the two dense layers of a head by what stands before them, POOLED and FLATTENED.

    Args:
        config: a recipe; its own head is the one behind POOLED with `config.dense_units`.
        units: of the first dense layer.
        classes: units of the last one.
    """
    maps = last_maps(config)
    return {
        before: (Dense(inputs, units), Dense(units, classes))
        for before, inputs in ((POOLED, maps[-1]), (FLATTENED, math.prod(maps)))
    }
