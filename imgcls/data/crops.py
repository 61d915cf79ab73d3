"""Augmentation in the usual way: another part of the photo each time, mirrored by chance.

`imgcls.data.views` has the few views that frozen layers can be asked for ahead.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageOps

from imgcls._utils.arrays import RgbArray

# Of the centre square; those of "inception crops" begin at 0.08 and want far longer trainings.
SMALLEST_AREA = 0.35
LARGEST_RATIO = 4 / 3  # of width to height, and of height to width


def random_crop(square: RgbArray, size: int, key: Sequence[int]) -> RgbArray:
    """Return a random part of a picture, scaled to (size, size, 3), values 0-255.

    It has 35 to 100 % of the area, is at most a third wider than high or higher than wide, and is
    mirrored in half of the cases.

    Args:
        square: shape (side, side, 3), larger than `size` so that parts of it keep their sharpness.
        size: side in pixels.
        key: whole numbers from which all choices follow, such as seed, epoch and photo.
    """
    random = np.random.default_rng(list(key))
    area, ratio, across, down = random.random(4)
    whole = len(square)
    ratio = LARGEST_RATIO ** (2 * ratio - 1)
    area = SMALLEST_AREA + (1 - SMALLEST_AREA) * area
    width, height = (min(whole, whole * (area * part) ** 0.5) for part in (ratio, 1 / ratio))
    left, top = across * (whole - width), down * (whole - height)
    part = Image.fromarray(square).resize(
        (size, size), Image.Resampling.BILINEAR, box=(left, top, left + width, top + height)
    )
    return np.asarray(ImageOps.mirror(part) if random.integers(2) else part)
