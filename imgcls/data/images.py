"""Any picture file -> the square RGB array that a network sees, or a clear error."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from imgcls import errors
from imgcls._utils.arrays import RgbArray
from imgcls.data.decoding import heif, jpeg, memory, metadata, pixels

ImageError = errors.ImageError

# Pillow knows many more, and some run other programs on what a visitor sends: Ghostscript for EPS.
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF", "HEIF", "GIF", "BMP", "TIFF")
# A JPEG can be decoded at 1/2, 1/4 or 1/8 for a fraction of the time. Stopping at three times the
# wanted side leaves the resampling filter enough pixels; Pillow calls this gap indistinguishable
# from full decoding (Image.resize, reducing_gap). What has then still twice as many is reduced by a
# whole number, which is coarser.
REDUCING_GAP = 3
QUALITY = 85  # of the JPEGs that are shown
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
ON_ITS_SIDE = (5, 6, 7, 8)
Read = TypeVar("Read")


@cache
def prepare_pillow() -> None:
    """Set Pillow up, once per process: our formats, HEIC of phones too, and our own limit."""
    import pillow_heif
    from PIL import AvifImagePlugin, MpoImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401

    pillow_heif.register_heif_opener()
    # Two threads that both load Pillow's formats can hide them from each other. `Image.init` would
    # load all: 20 ms more, which is a tenth of the time until an answer on the command line.
    Image.preinit()
    Image.MAX_IMAGE_PIXELS = None  # `memory.require_room` has limits, and does not only warn


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
    """Return the picture upright, in sRGB, with transparency over white.

    Args:
        source: a path or the bytes of a file.
        size: the side in pixels that is wanted in the end; of larger pictures at least three times
            as much is left.

    Raises:
        ImageError: the file is missing, not a picture, damaged or too large.
    """
    return _read(source, lambda image: _upright(image, size * REDUCING_GAP))


def examine(source: Path | bytes) -> tuple[int, int, str]:
    """Return width, height (as stored) and format of a picture that `open_picture` accepts.

    It decodes the picture too, though as cheaply as damage can be noticed.

    Raises:
        ImageError: as `open_picture`.
    """

    def read(image: ImageFile.ImageFile) -> tuple[int, int, str]:
        width, height = image.size
        if image.format in memory.JPEGS:
            # An eighth of the size finds a missing end as well, in a fraction of the time.
            image.draft("L", (max(1, width // 8), max(1, height // 8)))
            image.load()
        else:
            _upright(image, memory.LEFT)
        return width, height, str(image.format)

    return _read(source, read)


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


def as_jpeg(image: Image.Image, longer_side: int) -> bytes:
    """Return an RGB picture as a JPEG whose longer side has at most so many pixels."""
    share = longer_side / max(image.size)
    if share < 1:
        sides = [max(1, round(side * share)) for side in image.size]
        image = image.resize((sides[0], sides[1]), Image.Resampling.BICUBIC, reducing_gap=2)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=QUALITY)
    return content.getvalue()


def _upright(image: ImageFile.ImageFile, left: int) -> Picture:
    """Decode an opened picture; of its shorter side at least `left` pixels remain."""
    several, size = _holds_several(image), image.size
    if image.format in memory.JPEGS:
        image.draft(None, (left, left))
    before, factor = image.size, memory.factor(*image.size, left)
    if memory.decodes_without_copy(image):
        assert image.fp is not None
        decoded, small = heif.to_rgb(image.fp, factor)
    else:
        image.load()
        decoded, small = image.size, pixels.to_rgb(image, factor)
    size = decoded if decoded != before else size  # TIFF and HEIF are turned while decoded
    number = metadata.orientation(image)
    if number in TURNS:
        small = small.transpose(TURNS[number])
        size = size[::-1] if number in ON_ITS_SIDE else size
    format = "JPEG" if image.format == "MPO" else str(image.format)
    return Picture(image=small, size=size, format=format, several=several)


def _read(source: Path | bytes, read: Callable[[ImageFile.ImageFile], Read]) -> Read:
    """Return what `read` makes of an opened picture, in which metadata alone may be damaged."""
    prepare_pillow()
    try:
        try:
            return _opened(source, read)
        except (ImageError, FileNotFoundError, IsADirectoryError, PermissionError):
            raise
        # Pillow's decoders meet damaged bytes with whatever their parsers raise: RuntimeError,
        # struct.error, SyntaxError ... For the person it is always the same.
        except Exception as error:
            if isinstance(error, OSError) and error.errno:
                raise  # the system's, not a decoder's
            return _read_mended(source, read, error)
    except FileNotFoundError:
        raise ImageError("there is no such file.") from None
    except IsADirectoryError:
        raise ImageError("this is a folder, not a picture.") from None
    except PermissionError:
        raise ImageError("the file may not be read by this user.") from None
    except OSError as error:
        raise ImageError(f"the file cannot be read ({error.strerror}).") from None


def _opened(source: Path | bytes, read: Callable[[ImageFile.ImageFile], Read]) -> Read:
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    with Image.open(file, formats=FORMATS) as image:
        memory.require_room(image)
        return read(image)


def _read_mended(
    source: Path | bytes, read: Callable[[ImageFile.ImageFile], Read], error: Exception
) -> Read:
    for mended in _mended(source, error):
        try:
            return _opened(mended, read)
        except ImageError:
            raise
        except Exception:  # noqa: BLE001, the first error says more
            continue
    if isinstance(error, UnidentifiedImageError):
        raise ImageError(_unknown(source)) from None
    reason = " ".join(str(error).split())  # some decoders give several lines
    raise ImageError(f"the picture is damaged or incomplete ({reason}).") from error


def _mended(source: Path | bytes, error: Exception) -> Iterator[bytes]:
    """Yield what the file may have been before something that is no pixel was damaged."""
    if isinstance(source, Path):
        with source.open("rb") as file:
            if not metadata.can_be_without(file.read(metadata.BEGINNING)):
                return  # it may be a film of many gigabytes
        source = source.read_bytes()
    for content in (source, metadata.without(source)):
        if content is None:
            continue
        if content is not source:
            yield content
        if content.startswith(metadata.JPEG) and "truncated" in str(error):
            whole = jpeg.with_its_end(content)
            if whole is not None:
                yield whole


def _holds_several(image: Image.Image) -> bool:
    # MPO is a JPEG with a preview or a depth map behind it, as phones make it.
    return image.format != "MPO" and bool(getattr(image, "is_animated", False))


def _unknown(source: Path | bytes) -> str:
    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    what = "the file is empty" if size == 0 else "this is not a picture that can be read"
    return f"{what}; accepted are JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP and TIFF."
