"""The way of a photo through a network as SVG: the picture shrinks, the maps become more."""

from collections.abc import Sequence
from math import log2

from imgcls.architectures.layer import Shape
from imgcls.charts.theme import BLUE, GREY, ORANGE

HEIGHT, TEXT, GAP = 100, 52, 10  # units: of the largest picture, below it, and between two
FONT, WIDTH = 19, 84  # units: on a phone it can still be read; a label needs so much
THICKNESS = 5  # units a doubling of the number of maps
SLOPE = 0.35  # how much of the thickness goes upwards


def shapes(shown: Sequence[Shape], picked: int) -> str:
    """Return a box for each shape (height, width, channels).

    Its front is as large as the picture, on a scale that lets the smallest ones be seen; it is
    the thicker the more maps there are.

    Args:
        shown: from the photo on.
        picked: place of the one that is drawn in another colour.
    """
    largest = max(height for height, _, _ in shown)
    left, drawn = 2.0, []
    for place, shape in enumerate(shown):
        side = HEIGHT * (shape[0] / largest) ** 0.6
        depth = THICKNESS * log2(shape[2])
        width = max(side + depth, WIDTH)
        drawn.append(_box(left + (width - side - depth) / 2, side, depth, place == picked))
        drawn.append(_label(left + width / 2, shape))
        left += width + GAP
    top = -THICKNESS * 11 * SLOPE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top:.0f} {left - GAP + 2:.0f} '
        f'{HEIGHT + TEXT - top:.0f}">{"".join(drawn)}</svg>'
    )


def _box(left: float, side: float, depth: float, picked: bool) -> str:
    colour = ORANGE if picked else BLUE
    top, right, rise = HEIGHT - side, left + side, depth * SLOPE
    roof = f"{left},{top} {left + depth},{top - rise} {right + depth},{top - rise} {right},{top}"
    flank = (
        f"{right},{top} {right + depth},{top - rise} {right + depth},{HEIGHT - rise} "
        f"{right},{HEIGHT}"
    )
    return (
        f'<polygon points="{roof}" fill="{colour}" fill-opacity="0.35"/>'
        f'<polygon points="{flank}" fill="{colour}" fill-opacity="0.55"/>'
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{side:.1f}" height="{side:.1f}" '
        f'fill="{colour}"/>'
    )


def _label(middle: float, shape: Shape) -> str:
    style = f'fill="{GREY}" font-family="sans-serif" font-size="{FONT}" text-anchor="middle"'
    return (
        f'<text x="{middle:.1f}" y="{HEIGHT + FONT + 4}" {style}>{shape[0]} x {shape[1]}</text>'
        f'<text x="{middle:.1f}" y="{HEIGHT + 2 * FONT + 8}" {style}>x {shape[2]:,}</text>'
    )
