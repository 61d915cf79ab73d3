"""What has to be said of a network to train it, look into it and find its weights."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

from imgcls.architectures.layer import Layer

if TYPE_CHECKING:
    import keras


@dataclass(frozen=True)
class Pretrained:
    """The weights that Keras offers for a base, trained on ImageNet.

    Attributes:
        url: of the folder they are downloaded from.
        file: name there and in Keras's cache; {size} stands for a size.
        sizes: of the photos that there are files for.
        megabytes: of one file.
        known: SHA-256 of a file -> what it really holds.
    """

    url: str
    file: str
    sizes: tuple[int, ...]
    megabytes: int
    known: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Network:
    """One entry: everything about a network stands here and in the file that makes it.

    The pretrained base, or the layers that start from noise, map (n, size, size, 3) in [-1, 1] to
    feature maps; pooling and the new head come after it, see `imgcls.networks.build`.

    Attributes:
        name: the value of the setting `architecture`.
        title: for people.
        layers: image size -> its layers on paper, in Keras's order.
        build: image size -> the layers themselves, with random weights; a single model for a base,
            and where they are not one after the other.
        depths: Keras's name of a layer worth looking at -> name for people, from the photo on.
        first_convolution: Keras's name of the layer whose kernels look at the photo itself.
        pretrained: None for a network that starts from noise.
        cut_from: blocks that may be the last frozen one, by the beginning of their name: between
            two of them one tensor is all that goes on.
        cached: whether the fast engine knows its kinds of layers.
    """

    name: str
    title: str
    layers: Callable[[int], Iterable[Layer]]
    build: Callable[[int], "list[keras.Layer]"]
    depths: Mapping[str, str]
    first_convolution: str
    pretrained: Pretrained | None = None
    cut_from: str = "bottleneck"
    cached: bool = False

    def table(self, image_size: int) -> list[Layer]:
        """Return the layers on paper; those of a pretrained base know their place in it."""
        return list(_table(self, image_size))

    @property
    def base_layers(self) -> int:
        """Number of layers of the pretrained base; 0 when there is none."""
        return len(_table(self, 32)) if self.pretrained else 0

    @property
    def cuts(self) -> tuple[int, ...]:
        """The layers that the base can be cut behind, by their place in it."""
        return _cuts(self)

    @property
    def first_cut(self) -> int:
        """The lowest layer that can be trained first when everything below is computed once."""
        return self.cuts[0] + 1


@cache  # each recipe that is read asks for it
def _table(network: Network, image_size: int) -> tuple[Layer, ...]:
    found = network.layers(image_size)
    if network.pretrained is None:
        return tuple(found)
    return tuple(replace(layer, base_index=place) for place, layer in enumerate(found))


@cache
def _cuts(network: Network) -> tuple[int, ...]:
    table = network.table(32)
    ends = [
        place
        for place, layer in enumerate(table)
        if place + 1 == len(table) or table[place + 1].block != layer.block
    ]
    return tuple(place for place in ends if table[place].block.startswith(network.cut_from))
