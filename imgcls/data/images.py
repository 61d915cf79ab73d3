"""Any picture file -> the square RGB array that a network sees, or a clear error."""

import io
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from imgcls._utils.arrays import RgbArray
from imgcls.errors import ImgclsError

MAX_PIXELS = 100_000_000
# Pillow knows many more, and some run other programs on what a visitor sends: Ghostscript for EPS.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
# A JPEG can be decoded at 1/2, 1/4 or 1/8 for a fraction of the time. Stopping at three times the
# wanted side leaves the resampling filter enough pixels; Pillow calls this gap indistinguishable
# from full decoding (Image.resize, reducing_gap).
DRAFT_GAP = 3


class ImageError(ImgclsError, ValueError):
    """A file that cannot be shown to the network; the message is one sentence for people."""


@cache
def prepare_pillow() -> None:
    """Set Pillow up, once per process: all formats, HEIC of phones too, and our own limit."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    # Two threads that both load Pillow's rarer formats can hide them from each other.
    Image.init()
    Image.MAX_IMAGE_PIXELS = None  # `open_picture` checks MAX_PIXELS, and does not only warn


@dataclass(frozen=True, eq=False)
class Picture:
    """An opened picture: upright, in RGB, perhaps smaller than the file's.

    Attributes:
        image: its pixels.
        size: (width, height) in the file, as seen upright.
        format: Pillow's name of the file's format.
        several: whether it is the first one of several in the file, as in an animation.
    """

    image: Image.Image
    size: tuple[int, int]
    format: str
    several: bool


def open_picture(source: Path | bytes, size: int) -> Picture:
    """Return the picture upright, in RGB, with transparency over white.

    Args:
        source: a path or the bytes of a file.
        size: the side in pixels that is wanted in the end; larger JPEGs are decoded at the
            smallest scale that leaves at least three times as much.

    Raises:
        ImageError: the file is missing, not a picture, damaged or too large.
    """
    prepare_pillow()
    try:
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        with Image.open(file, formats=FORMATS) as image:
            _check_pixels(image)
            full, several = image.size, _holds_several(image)
            image.draft(None, (size * DRAFT_GAP, size * DRAFT_GAP))
            image.load()
            before = image.size
            ImageOps.exif_transpose(image, in_place=True)
            turned = image.size != before
            return Picture(
                image=_flatten(image),
                size=full[::-1] if turned else full,
                format="JPEG" if image.format == "MPO" else str(image.format),
                several=several,
            )
    except FileNotFoundError:
        raise ImageError("there is no such file.") from None
    except IsADirectoryError:
        raise ImageError("this is a folder, not a picture.") from None
    except PermissionError:
        raise ImageError("the file may not be read by this user.") from None
    except UnidentifiedImageError:
        raise ImageError(_unknown(source)) from None
    except ImageError:
        raise
    # Pillow's decoders meet damaged bytes with whatever their parsers raise: RuntimeError,
    # struct.error, SyntaxError ... For the person it is always the same.
    except Exception as error:
        reason = " ".join(str(error).split())  # some decoders give several lines
        raise ImageError(f"the picture is damaged or incomplete ({reason}).") from error


def square(image: Image.Image, size: int) -> Image.Image:
    """Return the centre square of the picture, scaled to `size` x `size` pixels."""
    return ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS)


def read_rgb(source: Path | bytes | Image.Image, size: int) -> RgbArray:
    """Return the centre square of a picture as an array of shape (size, size, 3), values 0-255.

    Args:
        source: a path, the bytes of a file, or the image of a `Picture`.
        size: side of the square in pixels.

    Raises:
        ImageError: as `open_picture`.
    """
    image = source if isinstance(source, Image.Image) else open_picture(source, size).image
    return np.asarray(square(image, size))


def scaled_down(content: bytes, longer_side: int) -> bytes:
    """Return a picture as a PNG whose longer side has at most so many pixels.

    Raises:
        ImageError: as `open_picture`.
    """
    image = open_picture(content, longer_side).image
    image.thumbnail((longer_side, longer_side), Image.Resampling.LANCZOS)
    small = io.BytesIO()
    image.save(small, "PNG")
    return small.getvalue()


def _holds_several(image: Image.Image) -> bool:
    # MPO is a JPEG with a preview or a depth map behind it, as phones make it.
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def _check_pixels(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise ImageError(
            f"the picture is too large: it has {image.width:,} x {image.height:,} pixels, "
            f"at most {MAX_PIXELS / 1e6:.0f} million are accepted."
        )


def _unknown(source: Path | bytes) -> str:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    what = "the file is empty" if size == 0 else "this is not a picture that can be read"
    return f"{what}; accepted are JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP and TIFF."


def _flatten(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        # Pillow cuts 16-bit values at 255 instead of scaling them.
        values = np.nan_to_num(np.asarray(image, dtype=np.float32))
        top = 65535 if values.max(initial=0) > 255 else 255  # noqa: PLR2004
        return Image.fromarray((values * (255 / top)).clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layered = image.convert("RGBA")
        white = Image.new("RGBA", layered.size, "white")
        return Image.alpha_composite(white, layered).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")
