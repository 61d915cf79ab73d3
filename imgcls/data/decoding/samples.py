"""Grey pictures with more than eight bits a sample: which value is black, and which is white.

Cameras for science write 10, 12 or 14 bits into 16, and programs write numbers from 0 to 1. What a
file declares counts; where it declares nothing, its values do.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, TiffImagePlugin

from imgcls._utils.arrays import FloatArray, RgbArray

STEPS = tuple(2**bits - 1 for bits in (8, 10, 12, 14, 16))  # white, by the bits of the camera
FEW = 16  # real numbers from 0 to less than that are no levels of 0 to 255
SIGNED, UNSIGNED = 2, 1  # TIFF's sample formats
WHITE_IS_ZERO = 0
MIN_SAMPLE, MAX_SAMPLE = 340, 341  # TIFF's tags SMinSampleValue and SMaxSampleValue
SAMPLE_FORMAT = TiffImagePlugin.SAMPLEFORMAT
IMAGEJ = re.compile(r"^ImageJ=.*?^min=([-+.\deE]+)$.*?^max=([-+.\deE]+)$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Scale:
    """Values to grey levels.

    Attributes:
        black: the value that becomes 0, or 255 when inverted.
        white: the value that becomes 255, or 0 when inverted.
        inverted: whether small values are bright.
        unsigned: whether negative values stand for large ones, as Pillow reads 32 bits.
    """

    black: float
    white: float
    inverted: bool = False
    unsigned: bool = False

    def __call__(self, values: FloatArray) -> RgbArray:
        """Return the levels 0 to 255 of these values, of the same shape; no number is black."""
        if self.unsigned:
            values = np.where(values < 0, values + 2.0**32, values)
        span = (self.white - self.black) or 1
        shares = np.clip((values - self.black) / span, 0, 1)
        if self.inverted:
            shares = 1 - shares
        levels: RgbArray = np.rint(np.nan_to_num(shares) * 255).astype(np.uint8)
        return levels


def scale_of(image: Image.Image, bands: Iterable[npt.NDArray[np.generic]]) -> Scale | None:
    """Return how to scale a picture's values; None when its mode is one of eight bits.

    Args:
        image: loaded.
        bands: its values, part by part.
    """
    deep = image.mode.startswith("I;16")
    if not deep and image.mode not in ("I", "F"):
        return None
    tags = image.tag_v2 if isinstance(image, TiffImagePlugin.TiffImageFile) else {}
    inverted = tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == WHITE_IS_ZERO
    unsigned = image.mode == "I" and tags.get(SAMPLE_FORMAT, (SIGNED,))[0] == UNSIGNED
    black, white = _declared(tags) or _by_values(bands, image.mode, unsigned=unsigned)
    return Scale(black, white, inverted=inverted, unsigned=unsigned)


def _declared(tags: object) -> tuple[float, float] | None:
    """Return black and white as a TIFF gives them."""
    if not isinstance(tags, TiffImagePlugin.ImageFileDirectory_v2):
        return None
    try:
        low, high = (float(np.ravel(tags[tag])[0]) for tag in (MIN_SAMPLE, MAX_SAMPLE))
    except (LookupError, TypeError, ValueError):
        shown = IMAGEJ.search(str(tags.get(TiffImagePlugin.IMAGEDESCRIPTION, "")))
        if shown is None:
            bits = tags.get(TiffImagePlugin.BITSPERSAMPLE, (16,))[0]
            return (0, 2**bits - 1) if 8 < bits < 16 else None  # noqa: PLR2004
        low, high = float(shown[1]), float(shown[2])
    return (low, high) if low < high else None


def _by_values(
    bands: Iterable[npt.NDArray[np.generic]], mode: str, *, unsigned: bool
) -> tuple[float, float]:
    low, high = np.inf, -np.inf
    for band in bands:
        values = band[np.isfinite(band)] if mode == "F" else band
        if unsigned:
            values = values.astype(np.uint32)
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    if low > high:  # no finite value
        return 0, 1
    if low < 0:
        return low, high
    if mode == "F" and high < FEW:
        return 0, max(1, high)
    return 0, next((step for step in STEPS if high <= step), high)
