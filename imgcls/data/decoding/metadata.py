"""Metadata of a picture: which way up it is, and how to do without what is damaged."""

import re
import struct
import zlib

from PIL import ExifTags, Image

BEGINNING = 12  # bytes that tell the kind of a file
PNG = b"\x89PNG\r\n\x1a\n"
PNG_PIXELS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT")
JPEG = b"\xff\xd8\xff"
# Adobe's segment says how the colours are stored. All other application segments and comments go.
JPEG_ADOBE, JPEG_NOTES = 0xEE, {*range(0xE0, 0xF0), 0xFE} - {0xEE}
JPEG_SCAN = 0xDA
WEBP_NOTES = (b"EXIF", b"XMP ", b"ICCP")
WEBP_FLAGS = 0x04 | 0x08 | 0x20  # that there are such
TIFF_HEADER = re.compile(rb"II\*\0|MM\0\*")
HEADER_WITHIN = 64  # bytes: tools put marks of other formats before it, some twice


def orientation(image: Image.Image) -> int:
    """Return how a picture is to be turned, as EXIF numbers it: 1 to 8, 1 when nothing is said.

    Damaged metadata say nothing: whole pixels are worth more than they are.
    """
    try:
        found = image.getexif().get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001, whatever a parser of damaged bytes raises
        found = _behind_other_marks(image.info.get("exif"))
    return found if isinstance(found, int) and 1 <= found <= 8 else 1  # noqa: PLR2004


def _behind_other_marks(exif: object) -> object:
    header = TIFF_HEADER.search(exif, 0, HEADER_WITHIN) if isinstance(exif, bytes) else None
    if header is None or not isinstance(exif, bytes):
        return None
    parsed = Image.Exif()
    try:
        parsed.load(exif[header.start() :])
        return parsed.get(ExifTags.Base.Orientation)
    except Exception:  # noqa: BLE001, as above
        return None


def can_be_without(beginning: bytes) -> bool:
    """Return whether `without` knows this kind of file, by its first `BEGINNING` bytes."""
    webp = beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP"
    return webp or beginning.startswith((PNG, JPEG))


def without(content: bytes) -> bytes | None:
    """Return a PNG, JPEG or WebP without its metadata; None for other files and broken ones."""
    try:
        if content.startswith(PNG):
            return _png(content)
        if content.startswith(JPEG):
            return _jpeg(content)
        if can_be_without(content[:BEGINNING]):
            return _webp(content)
    except (struct.error, IndexError):
        pass
    return None


def _png(content: bytes) -> bytes:
    kept, place = [PNG], len(PNG)
    while place + 12 <= len(content):
        size, kind = struct.unpack_from(">I4s", content, place)
        if kind in PNG_PIXELS:
            kept.append(content[place : place + 12 + size])
        place += 12 + size
    end = struct.pack(">I4sI", 0, b"IEND", zlib.crc32(b"IEND"))
    return b"".join([*kept, end])


def _jpeg(content: bytes) -> bytes:
    kept, place = [content[:2]], 2
    while content[place] == 0xFF and content[place + 1] != JPEG_SCAN:  # noqa: PLR2004
        size = 2 + int.from_bytes(content[place + 2 : place + 4])
        if content[place + 1] not in JPEG_NOTES:
            kept.append(content[place : place + size])
        place += size
    return b"".join([*kept, content[place:]])


def _webp(content: bytes) -> bytes:
    kept, place = [], 12
    while place + 8 <= len(content):
        kind, size = struct.unpack_from("<4sI", content, place)
        chunk = content[place : place + 8 + size + size % 2]
        if kind == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~WEBP_FLAGS]) + chunk[9:]
        if kind not in WEBP_NOTES:
            kept.append(chunk)
        place += 8 + size + size % 2
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body
