"""What an inverted residual bottleneck costs, and what it would cost with ordinary convolutions."""

from dataclasses import dataclass
from itertools import pairwise

from imgcls.architectures.layer import Layer, Shape
from imgcls.config import TrainConfig
from imgcls.networks.blocks import blocks

CONVOLUTIONS = ("Conv2D", "DepthwiseConv2D")
KERNEL = 9  # 3 x 3
STEPS = ("expand", "depthwise", "project")


@dataclass(frozen=True)
class Step:
    """One convolution of a bottleneck.

    Attributes:
        name: expand, depthwise or project.
        input_shape: (height, width, channels) of what enters.
        output_shape: of what leaves.
        multiply_adds: for one photo.
    """

    name: str
    input_shape: Shape
    output_shape: Shape
    multiply_adds: int


@dataclass(frozen=True)
class Bottleneck:
    """A bottleneck of MobileNetV2, from its narrow input to its narrow output.

    Attributes:
        name: as `imgcls.networks.blocks.Block`.
        steps: its convolutions, in order; the first bottleneck of all does not expand.
        residual: whether its input is added to its output.
    """

    name: str
    steps: tuple[Step, ...]
    residual: bool

    @property
    def multiply_adds(self) -> int:
        """All its convolutions, for one photo."""
        return sum(step.multiply_adds for step in self.steps)

    @property
    def separable(self) -> int:
        """Multiply-adds of depthwise and project: together they stand for one convolution."""
        return sum(step.multiply_adds for step in self.steps[-2:])

    @property
    def ordinary(self) -> int:
        """Multiply-adds of that convolution: 3 x 3, from the wide maps to the narrow output.

        It multiplies each of the kernel's 9 places with each pair of an input and an output map;
        depthwise and project share 1 / 9 + 1 / outputs of that among them when all maps keep
        their size (Howard et al. 2017, section 3.1).
        """
        wide = self.steps[-1].input_shape[-1]
        return KERNEL * wide * _size(self.steps[-1].output_shape)

    @property
    def narrow(self) -> int:
        """Multiply-adds of a 3 x 3 convolution straight from the narrow input to the output."""
        return KERNEL * self.steps[0].input_shape[-1] * _size(self.steps[-1].output_shape)


def bottlenecks(config: TrainConfig) -> list[Bottleneck]:
    """Return those of MobileNetV2, from the photo on.

    None for the small CNN, and none for networks whose blocks do more than these three steps.
    """
    parts = blocks(config)
    found = [
        _opened(part.name, part.layers, before.output_shape)
        for before, part in pairwise(parts)
        if part.name.startswith("bottleneck")
    ]
    known = all(step.name in STEPS for opened in found for step in opened.steps)
    return found if known else []


def _opened(name: str, layers: tuple[Layer, ...], entering: Shape) -> Bottleneck:
    steps = []
    for layer in layers:
        if layer.type in CONVOLUTIONS:
            kind = layer.name.rpartition("_")[2]
            steps.append(Step(kind, entering, layer.output_shape, layer.multiply_adds))
            entering = layer.output_shape
    return Bottleneck(name, tuple(steps), residual=layers[-1].type == "Add")


def _size(shape: Shape) -> int:
    height, width, channels = shape
    return height * width * channels
