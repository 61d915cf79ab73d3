"""Decoded pixels of any mode -> RGB with eight bits a channel, and smaller on the way.

A picture of many pixels is changed band by band: never is a second one of its size in memory.
"""

import io
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms

from imgcls._utils.arrays import FloatArray
from imgcls.data.decoding import samples

BAND = 500_000  # pixels that are changed at a time
WHOLE = ("RGB", "L", "CMYK")  # Pillow makes them smaller without a copy


def to_rgb(image: Image.Image, factor: int) -> Image.Image:
    """Return a loaded picture in sRGB, over white where it is transparent.

    Args:
        image: of any mode that Pillow has.
        factor: each square of so many pixels becomes one, their mean.
    """
    if image.mode in WHOLE and not image.has_transparency_data:
        small = image.reduce(factor) if factor > 1 else image
    else:
        small = _in_bands(image, factor)
    small = _to_srgb(small, image.info.get("icc_profile"))
    return small if small.mode == "RGB" else small.convert("RGB")


def _in_bands(image: Image.Image, factor: int) -> Image.Image:
    scale = samples.scale_of(image, (np.asarray(band) for _, band in _bands(image, 1)))
    # Each dimension is rounded up, as Pillow's `reduce` does.
    small = Image.new("RGB", (-(-image.width // factor), -(-image.height // factor)))
    for top, band in _bands(image, factor):
        part = _flat(band, scale)
        small.paste(part.reduce(factor) if factor > 1 else part, (0, top // factor))
    return small


def _bands(image: Image.Image, factor: int) -> Iterator[tuple[int, Image.Image]]:
    rows = max(1, BAND // (image.width * factor)) * factor
    for top in range(0, image.height, rows):
        yield top, image.crop((0, top, image.width, min(top + rows, image.height)))


def _flat(band: Image.Image, scale: samples.Scale | None) -> Image.Image:
    if scale is not None:
        values: FloatArray = np.asarray(band).astype(np.float32)
        return Image.fromarray(scale(values)).convert("RGB")
    if band.has_transparency_data:
        layered = band.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return band.convert("RGB")


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return a picture in sRGB; as it is when its profile is damaged or for other pixels."""
    if not profile or image.mode not in WHOLE:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "sRGB" in ImageCms.getProfileDescription(source):
            return image
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image
