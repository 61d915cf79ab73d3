"""What a picture costs to decode, so that one of many pixels is refused before it is decoded.

A file of a few hundred bytes can hold a hundred million pixels. The figures of the formats are
measured (`tests/integration/data/test_memory.py` pins them): Pillow's own pixels, and beside them
what the decoder of the format keeps meanwhile.
"""

import re

from PIL import ExifTags, ImageFile, TiffImagePlugin

from imgcls.data.decoding import jpeg
from imgcls.errors import ImageError

BUDGET = 300_000_000  # bytes for one picture: a server of 1 GB can decode one on each of two cores
MAX_PIXELS = 250_000_000  # phones make up to 200 million; more would take seconds
JPEGS = ("JPEG", "MPO")
LEFT = 672  # pixels of the shorter side that are left, for a network that sees 224
# In bytes a pixel. WebP: two canvases of the animation decoder, the frame, its copy for Pillow.
WEBP = 17.0
HEIF = {"RGB": 8.0, "RGBA": 9.0}  # Pillow's pixels among them
HEIF_WITHOUT_COPY = {"RGB": 5.0, "RGBA": 7.0}
AVIF_MARGIN = 1.15
MOST = WEBP + 2 * 4
UNCOMPRESSED = 1  # in a TIFF
DEEP = 8  # bits a sample; more take two bytes


def pixel_bytes(mode: str) -> int:
    """Return how many bytes Pillow keeps for a pixel of this mode."""
    if mode.startswith("I;16"):
        return 2
    return 1 if mode in ("1", "L", "P") else 4


def factor(width: int, height: int, left: int) -> int:
    """Return by which whole number decoded pixels are reduced.

    Args:
        width: of the decoded picture in pixels.
        height: of it.
        left: pixels of the shorter side that must remain at least; twice as many do.
    """
    return max(1, min(width, height) // (2 * left))


def require_room(image: ImageFile.ImageFile) -> None:
    """Refuse a picture that would take more memory than `BUDGET`.

    The answer does not depend on the size that is wanted in the end: a dataset is looked through
    before that is known.

    Args:
        image: opened but not loaded.

    Raises:
        ImageError: says how many pixels it has, and how many are accepted.
    """
    pixels = image.width * image.height
    # Reading more of the header would cost ordinary photos time. A TIFF's tile may be of any size.
    if pixels * MOST <= BUDGET and image.format != "TIFF":
        return
    needed = decoding_bytes(image)
    if pixels > MAX_PIXELS or needed > BUDGET:
        raise _too_many(image, min(MAX_PIXELS, pixels * BUDGET / needed))


def decoding_bytes(image: ImageFile.ImageFile) -> float:
    """Return about how many bytes it takes to turn an opened picture into small RGB pixels."""
    pixels = image.width * image.height
    scale = jpeg.scale(max(1, min(image.size) // LEFT)) if image.format in JPEGS else 1
    decoded = pixels / scale**2
    # Afterwards there are the smaller RGB pixels, and those that are turned upright.
    small = decoded / factor(image.width // scale, image.height // scale, LEFT) ** 2
    return _decoder_bytes(image, pixels, decoded * pixel_bytes(image.mode)) + 2 * 4 * small


def _decoder_bytes(image: ImageFile.ImageFile, pixels: int, own: float) -> float:
    match image.format:
        case "JPEG" | "MPO":
            return own + pixels * jpeg.kept_bytes(image)
        case "WEBP":
            return pixels * WEBP
        case "AVIF":
            return pixels * _avif(image)
        case "HEIF":
            way = HEIF_WITHOUT_COPY if decodes_without_copy(image) else HEIF
            return pixels * way.get(image.mode, way["RGBA"])
        case "TIFF":
            assert isinstance(image, TiffImagePlugin.TiffImageFile)
            turned = image.tag_v2.get(ExifTags.Base.Orientation, 1) != 1
            return own * (2 if turned else 1) + _tiff_buffer(image)
        case _:
            # A GIF's frame is put onto a canvas; the runs of a BMP are unpacked into bytes.
            twice = image.format == "GIF" or image.info.get("compression") in (1, 2)
            return own * 2 if twice else own


def decodes_without_copy(image: ImageFile.ImageFile) -> bool:
    """Return whether a HEIF is so large that Pillow's copy of its pixels is one too many."""
    if image.format != "HEIF" or image.info.get("bit_depth", DEEP) > DEEP:
        return False
    return image.width * image.height * HEIF.get(image.mode, HEIF["RGBA"]) > BUDGET


def _avif(image: ImageFile.ImageFile) -> float:
    # The configuration of the AV1 stream: twelve bits, no colour, colour halved across and down.
    assert image.fp is not None
    image.fp.seek(0)
    planes = 0.0
    for flags in re.findall(rb"av1C\x81.(.)", image.fp.read(65536), re.DOTALL):
        deep, grey, across, down = (flags[0] >> bit & 1 for bit in (6, 4, 3, 2))
        chroma = 0 if grey else 2 / ((1 + across) * (1 + down))
        planes = max(planes, (1 + chroma) * (1 + deep))
    alpha = image.mode == "RGBA"
    rgb = 4 if alpha else 3
    return (planes or 6) * AVIF_MARGIN + (2 if alpha else 0) + rgb * AVIF_MARGIN + 4


def _tiff_buffer(image: TiffImagePlugin.TiffImageFile) -> float:
    """Return the bytes of a strip or tile: a file may have them larger than the picture."""
    tags = image.tag_v2
    if tags.get(TiffImagePlugin.COMPRESSION, UNCOMPRESSED) == UNCOMPRESSED:
        return 0
    bits = sum(tags.get(TiffImagePlugin.BITSPERSAMPLE, (8,)))
    each = max(bits / 8, 4 if tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION) == 6 else 0)  # noqa: PLR2004, YCbCr
    if TiffImagePlugin.TILEWIDTH in tags:
        tile = tags[TiffImagePlugin.TILEWIDTH] * tags[TiffImagePlugin.TILELENGTH]
        return float(each * tile)
    rows = min(tags.get(TiffImagePlugin.ROWSPERSTRIP, image.height), image.height)
    return float(each * rows * image.width)


def _too_many(image: ImageFile.ImageFile, most: float) -> ImageError:
    name = {"HEIF": "HEIC", "WEBP": "WebP", "MPO": "JPEG"}.get(str(image.format), image.format)
    return ImageError(
        f"the picture is too large: it has {image.width:,} x {image.height:,} pixels, at most "
        f"{most / 1e6:.0f} million are accepted of this kind of {name}; save it smaller."
    )
