"""Drawings as SVG, in colours that stand out on light and on dark."""

from dataclasses import dataclass

from imgcls.charts.theme import BLUE, GREY, ORANGE
from imgcls.config import Phase, TrainConfig
from imgcls.networks.layers import describe, is_trained, network_layers

BARS = 22  # the base is drawn with so many, each for some seven of its layers
STEP, GAP, HEIGHT = 13, 3, 60  # from one bar to the next, between two, and of the first one


@dataclass(frozen=True)
class PhaseDrawing:
    """Which layers a phase trains.

    Attributes:
        svg: a bar for each few layers of the base, grey when frozen and blue when trained, and an
            orange one for the head.
        title: number, name and epochs.
        parameters: how many are trained.
        layers: which are frozen and which are trained.
    """

    svg: str
    title: str
    parameters: str
    layers: str


def phases(config: TrainConfig, classes: int = 10) -> list[PhaseDrawing]:
    """Return one drawing a phase."""
    known = describe(config, classes)
    return [
        _phase(config, phase, parameters["trainable_params"], known["total_params"])
        for phase, parameters in zip(config.phases, known["phases"], strict=True)
    ]


def _phase(config: TrainConfig, phase: Phase, trainable: int, total: int) -> PhaseDrawing:
    base = [layer for layer in network_layers(config) if layer.base_index is not None]
    trained = [is_trained(layer, phase.first_trainable) for layer in base]
    frozen = trained.count(False)
    words = ["everything trained" if not base else "head trained"]
    if any(trained):
        words.insert(0, f"layers {frozen}-{len(base) - 1} and")
    if frozen:
        words.insert(0, f"layers 0-{frozen - 1} frozen,")
    shown = BARS if base else 0
    colours = [BLUE if trained[number * len(base) // BARS] else GREY for number in range(shown)]
    bars = [_bar(number, colour, STEP - GAP) for number, colour in enumerate(colours)]
    bars.append(_bar(shown, ORANGE, 3 * STEP))
    return PhaseDrawing(
        svg=f'<svg xmlns="http://www.w3.org/2000/svg" '
        f'viewBox="0 0 {(BARS + 3) * STEP} {HEIGHT}">{"".join(bars)}</svg>',
        title=f"Phase {phase.number}: {phase.name}, {phase.epochs} epochs",
        parameters=f"{trainable:,} of {total:,} parameters are trained",
        layers=" ".join(words),
    )


def _bar(number: int, colour: str, width: int) -> str:
    height = HEIGHT - 1.8 * number  # the picture shrinks on its way through the layers
    return (
        f'<rect x="{number * STEP}" y="{HEIGHT - height:.1f}" width="{width}" '
        f'height="{height:.1f}" rx="2" fill="{colour}"/>'
    )
