"""Numbers as pictures: a grid of shaded cells with the values in them, or a shaded pixel each."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from PIL import Image

from imgcls._utils.arrays import FloatArray, RgbArray
from imgcls.charts.theme import BLUE, GREY, ORANGE

CELL = 44  # units of the drawing: on a phone, ten fit beside each other and can be read
FONT = 16
DIGITS = 3  # that fit into a cell, with a sign and a point
DARK = 140  # of 255, mean of the colours: below it white numbers are read better than black ones
Shade = Callable[[FloatArray], RgbArray]
Window = tuple[int, int, int]  # row, column and side, in cells


def grey(values: FloatArray) -> RgbArray:
    """Return the colours of pixels that are -1 (black) to 1 (white)."""
    level = (np.clip(values, -1, 1) + 1) * 127.5
    colours: RgbArray = np.repeat(level[..., np.newaxis], 3, axis=-1).astype(np.uint8)
    return colours


def signed(limit: float) -> Shade:
    """Return the shade of values of both signs: blue below zero, white at it, orange above.

    Args:
        limit: the magnitude, and all above it, that gets the full colour.
    """

    def shade(values: FloatArray) -> RgbArray:
        strength = np.clip(np.abs(values) / max(limit, 1e-9), 0, 1)[..., np.newaxis]
        full = np.where(values[..., np.newaxis] < 0, _rgb(BLUE), _rgb(ORANGE))
        colours: RgbArray = (255 + strength * (full - 255)).astype(np.uint8)
        return colours

    return shade


def grid(
    values: FloatArray,
    shade: Shade,
    *,
    filled: int | None = None,
    window: Window | None = None,
) -> str:
    """Return an SVG drawing of a small table of numbers.

    Args:
        values: shape (height, width).
        shade: gives each number its colour.
        filled: how many cells, line by line, have their number already; None for all.
        window: a square of cells to be outlined.

    Numbers are rounded to three digits at most, which fit into their cells.
    """
    height, width = values.shape
    colours = shade(values)
    shown = values.size if filled is None else filled
    decimals = max(0, DIGITS - len(f"{np.abs(values).max():.0f}"))
    cells = [
        _cell(row, column, float(values[row, column]), colours[row, column], decimals)
        if row * width + column < shown
        else _empty(row, column)
        for row, column in np.ndindex(height, width)
    ]
    if window:
        row, column, side = window
        cells.append(
            f'<rect x="{column * CELL}" y="{row * CELL}" width="{side * CELL}" '
            f'height="{side * CELL}" fill="none" stroke="{ORANGE}" stroke-width="5"/>'
        )
    # Room for half of the outline.
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" font-family="sans-serif" font-size="{FONT}" '
        f'text-anchor="middle" viewBox="-3 -3 {width * CELL + 6} {height * CELL + 6}">'
        f"{''.join(cells)}</svg>"
    )


def picture(values: FloatArray, shade: Shade, scale: int = 1) -> Image.Image:
    """Return a picture with one pixel, or `scale` times `scale` of them, a number."""
    small = Image.fromarray(shade(values))
    return small.resize((small.width * scale, small.height * scale), Image.Resampling.NEAREST)


def number(value: float, decimals: int) -> str:
    """Return a rounded number that is never "-0.0"."""
    return f"{round(value, decimals) + 0.0:.{decimals}f}"


def _cell(row: int, column: int, value: float, colour: RgbArray, decimals: int) -> str:
    ink = "white" if colour.mean() < DARK else "black"
    red, green, blue = colour.tolist()
    return (
        f'<rect x="{column * CELL}" y="{row * CELL}" width="{CELL}" height="{CELL}" '
        f'fill="rgb({red},{green},{blue})" stroke="{GREY}" stroke-width="0.5"/>'
        f'<text x="{(column + 0.5) * CELL}" y="{(row + 0.5) * CELL + FONT * 0.35:.0f}" '
        f'fill="{ink}">{number(value, decimals)}</text>'
    )


def _empty(row: int, column: int) -> str:
    return (
        f'<rect x="{column * CELL}" y="{row * CELL}" width="{CELL}" height="{CELL}" fill="none" '
        f'stroke="{GREY}" stroke-width="0.5" stroke-dasharray="4"/>'
    )


def _rgb(colour: str) -> npt.NDArray[np.float64]:
    return np.array(list(bytes.fromhex(colour.removeprefix("#"))), np.float64)
