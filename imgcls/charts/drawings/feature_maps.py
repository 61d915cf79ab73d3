"""Feature maps and kernels as pictures: a sheet of many, and one large over the photo."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from imgcls._utils.arrays import FloatArray, RgbArray

# Okabe and Ito's orange and sky blue, which stand out on dark for colour-blind people too.
ABOVE, BELOW = (230, 159, 0), (86, 180, 233)
GROUND = 24  # of 255: a value of zero
FRAME = 2  # pixels between the tiles of a sheet, of no colour at all
VISIBLE = 0.55  # how much of the photo stays where a map is zero


def sheet(maps: FloatArray, channels: Sequence[int], columns: int, tile: int) -> Image.Image:
    """Return some maps side by side, each scaled to its own largest value.

    Args:
        maps: shape (height, width, channels).
        channels: which to draw, in order, row by row.
        columns: how many beside each other.
        tile: pixels from one map to the next.
    """
    return _tiled([_colours(maps[..., channel]) for channel in channels], columns, tile)


def over_photo(photo: RgbArray, values: FloatArray, side: int) -> Image.Image:
    """Return one map over the photo in grey, each of its numbers a square of one colour.

    Args:
        photo: what the network sees, shape (size, size, 3).
        values: the map, shape (height, width).
        side: of the picture in pixels.
    """
    grey = Image.fromarray(photo).convert("L").convert("RGB").resize((side, side))
    strength = _relative(values)
    opacity = _enlarged(np.abs(strength) * 255, side)
    ground = Image.blend(Image.new("RGB", grey.size, (GROUND,) * 3), grey, VISIBLE)
    ground.paste(_enlarged(_hues(strength), side), mask=opacity)
    return ground


def kernels(found: FloatArray, columns: int, tile: int) -> Image.Image:
    """Return kernels that look at colours as pictures: what each of them answers to most strongly.

    Args:
        found: shape (count, height, width, 3). Zero becomes grey, and each kernel's largest
            weight the brightest or darkest.
        columns: how many beside each other.
        tile: pixels from one kernel to the next.
    """
    largest = np.abs(found).max(axis=(1, 2, 3), keepdims=True)
    shades = 127.5 * (1 + found / np.maximum(largest, np.finfo(np.float32).tiny))
    return _tiled(list(shades), columns, tile)


def _tiled(tiles: Sequence[FloatArray], columns: int, tile: int) -> Image.Image:
    rows = -(-len(tiles) // columns)
    picture = Image.new("RGBA", (columns * tile, rows * tile))
    for place, colours in enumerate(tiles):
        row, column = divmod(place, columns)
        at = (column * tile + FRAME // 2, row * tile + FRAME // 2)
        picture.paste(_enlarged(colours, tile - FRAME), at)
    return picture


def _colours(values: FloatArray) -> FloatArray:
    strength = _relative(values)
    share = np.abs(strength)[..., np.newaxis]
    mixed: FloatArray = GROUND * (1 - share) + _hues(strength) * share
    return mixed


def _hues(strength: FloatArray) -> FloatArray:
    hues: FloatArray = np.where(strength[..., np.newaxis] < 0, BELOW, ABOVE)
    return hues


def _relative(values: FloatArray) -> FloatArray:
    largest = np.maximum(np.abs(values).max(), np.finfo(np.float32).tiny)
    relative: FloatArray = values / largest
    return relative


def _enlarged(colours: FloatArray, side: int) -> Image.Image:
    """Return values of 0-255 as a picture in which each keeps its own square."""
    picture = Image.fromarray(colours.clip(0, 255).round().astype(np.uint8))
    way = Image.Resampling.NEAREST if picture.width < side else Image.Resampling.BOX
    return picture.resize((side, side), way)
