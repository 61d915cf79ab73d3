"""All kinds of files that a person may drop in, good ones and bad ones."""

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image

from imgcls.data.images import FORMATS, prepare_pillow

NOT_ONE = "not a picture"
HURT = "damaged or incomplete"
# Top left, top right, bottom left, bottom right of the picture that all formats are asked to show.
CORNERS = {"red": (0, 0), "lime": (0, 1), "blue": (1, 0), "yellow": (1, 1)}
RGB = {"red": (255, 0, 0), "lime": (0, 255, 0), "blue": (0, 0, 255), "yellow": (255, 255, 0)}
TOLERANCE = 24  # of lossy formats, per channel, in the middle of a field
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'


@dataclass(frozen=True)
class Kind:
    """A file: what makes it, and the class of outcome: no error, or one with these words."""

    make: Callable[[], bytes]
    error: str = ""


def turned(orientation: int) -> Kind:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return Kind(lambda: encoded(four_fields(120, 96), "JPEG", exif=exif))


def truncated(format: str) -> Kind:
    noise = np.random.default_rng(0).integers(0, 256, (96, 96, 3), np.uint8)
    content = encoded(Image.fromarray(noise), format)
    return Kind(lambda: content[: len(content) // 2])


def grey(mode: str, value: float | tuple[int, ...], format: str) -> Callable[[], bytes]:
    return lambda: encoded(Image.new(mode, (40, 40), value), format)


def no_picture(content: bytes, error: str) -> Kind:
    return Kind(lambda: content, error)


def of_size(width: int, height: int, format: str = "PNG") -> Callable[[], bytes]:
    return lambda: encoded(Image.new("RGB", (width, height), "teal"), format)


def archive(*entries: tuple[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in entries:
            file.writestr(name, data)
    return content.getvalue()


def four_fields(width: int = 96, height: int = 96) -> Image.Image:
    image = Image.new("RGB", (width, height))
    for colour, (row, column) in CORNERS.items():
        field = (column * width // 2, row * height // 2)
        image.paste(colour, (*field, field[0] + width // 2, field[1] + height // 2))
    return image


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    prepare_pillow()
    content = io.BytesIO()
    image.save(content, format, **options)
    return content.getvalue()


def animated() -> bytes:
    return encoded(
        four_fields(), "GIF", save_all=True, append_images=[Image.new("RGB", (96, 96), "black")]
    )


COLOURED: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: encoded(four_fields(), "JPEG"),
    "JPEG progressive": lambda: encoded(four_fields(), "JPEG", progressive=True),
    "JPEG CMYK": lambda: encoded(four_fields().convert("CMYK"), "JPEG"),
    "JPEG of two pictures, as phones make them": lambda: encoded(
        four_fields(), "MPO", save_all=True, append_images=[Image.new("RGB", (96, 96))]
    ),
    "PNG": lambda: encoded(four_fields(), "PNG"),
    "PNG palette": lambda: encoded(four_fields().convert("P"), "PNG"),
    "PNG alpha": lambda: encoded(four_fields().convert("RGBA"), "PNG"),
    "PNG interlaced 16-bit": lambda: png(
        96, 96, bits=16, colour=2, rows=np.asarray(four_fields()).repeat(2, axis=2)
    ),
    "WebP": lambda: encoded(four_fields(), "WEBP"),
    "WebP lossless": lambda: encoded(four_fields(), "WEBP", lossless=True),
    "AVIF": lambda: encoded(four_fields(), "AVIF"),
    "HEIC": lambda: encoded(four_fields(), "HEIF"),
    "GIF": lambda: encoded(four_fields(), "GIF"),
    "GIF animated: the first frame": animated,
    "BMP": lambda: encoded(four_fields(), "BMP"),
    "TIFF": lambda: encoded(four_fields(), "TIFF"),
    "TIFF LZW": lambda: encoded(four_fields(), "TIFF", compression="tiff_lzw"),
}


def png(
    width: int,
    height: int,
    *,
    bits: int,
    colour: int,
    rows: npt.NDArray[np.uint8] | None = None,
    extra: bytes = b"",
) -> bytes:
    """Write a PNG with what Pillow does not write: 16 bits in colour, or a header that lies."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0)
    lines = b"" if rows is None else b"".join(b"\0" + row.tobytes() for row in rows)
    parts = [chunk(b"IHDR", header), extra and chunk(b"tRNS", extra)]
    parts += [chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


NO_PICTURE = {
    "empty": (b"", "the file is empty"),
    "text": (b"Dear diary,\n" * 100, "not a picture"),
    "SVG": (SVG, "not a picture"),
    "PDF": (b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n", "not a picture"),
    "zeros": (bytes(5000), "not a picture"),
    "ZIP": (b"PK\x03\x04" + bytes(100), "not a picture"),
    # Pillow would run Ghostscript on it.
    "EPS": (encoded(Image.new("RGB", (9, 9)), "EPS"), "not a picture"),
}


GOOD = {
    **{name: Kind(make) for name, make in COLOURED.items()},
    **{f"orientation {number}": turned(number) for number in range(9)},
    "grey JPEG": Kind(grey("L", 90, "JPEG")),
    "black and white": Kind(grey("1", 1, "PNG")),
    "16-bit grey PNG": Kind(grey("I;16", 90 * 257, "PNG")),
    "16-bit grey TIFF": Kind(grey("I;16", 90 * 257, "TIFF")),
    "32-bit TIFF": Kind(grey("I", 90, "TIFF")),
    "float TIFF": Kind(grey("F", 90, "TIFF")),
    "grey with alpha": Kind(grey("LA", (90, 128), "PNG")),
    "fully transparent": Kind(grey("RGBA", (0, 0, 0, 0), "PNG")),
    "transparent palette": Kind(lambda: encoded(four_fields().convert("P"), "GIF", transparency=0)),
    "animated WebP": Kind(
        lambda: encoded(
            four_fields(), "WEBP", save_all=True, append_images=[Image.new("RGB", (96, 96))]
        )
    ),
    "one pixel": Kind(of_size(1, 1)),
    "very wide": Kind(of_size(5000, 3)),
    "very tall": Kind(of_size(3, 5000)),
    "wide JPEG": Kind(of_size(3000, 200, "JPEG")),
    "twelve million pixels": Kind(of_size(4000, 3000, "JPEG")),
    "Lab TIFF": Kind(lambda: encoded(Image.new("LAB", (40, 40)), "TIFF")),
    "CMYK TIFF": Kind(lambda: encoded(four_fields().convert("CMYK"), "TIFF")),
    "with a colour profile": Kind(lambda: encoded(four_fields(), "JPEG", icc_profile=b"x" * 200)),
    "bytes after its end": Kind(lambda: encoded(four_fields(), "JPEG") + bytes(1000)),
}
BAD = {
    **{
        name: no_picture(content, error)
        for name, (content, error) in NO_PICTURE.items()
        if name != "ZIP"
    },
    **{f"truncated {format}": truncated(format) for format in FORMATS},
    "bomb of 40,000 x 40,000": Kind(
        lambda: png(40_000, 40_000, bits=8, colour=2), "40,000 x 40,000"
    ),
    "HTML": Kind(lambda: b"<!doctype html><title>404</title>", NOT_ONE),
    "gzip": Kind(lambda: gzip.compress(b"a" * 1000), NOT_ONE),
    "only a JPEG's first bytes": Kind(lambda: b"\xff\xd8\xff\xe0\x00\x10JFIF", HURT),
    "only a PNG's first bytes": Kind(lambda: b"\x89PNG\r\n\x1a\n", NOT_ONE),
    "MP4": Kind(lambda: b"\0\0\0\x20ftypisom" + bytes(500), NOT_ONE),
    "PSD": Kind(lambda: b"8BPS\0\1" + bytes(500), NOT_ONE),
    "ICO": Kind(lambda: encoded(four_fields().resize((32, 32)), "ICO"), NOT_ONE),
    "JSON": Kind(lambda: b'{"image": null}', NOT_ONE),
    "one byte": Kind(lambda: b"\0", NOT_ONE),
    "script": Kind(lambda: b"#!/bin/sh\nrm -rf /\n", NOT_ONE),
}
ALL = GOOD | BAD


def packed(*faults: tuple[int, bytes]) -> bytes:
    """Return a zip of one picture with other bytes behind its list of contents' beginning."""
    content = bytearray(archive(("a.png", of_size(9, 9)())))
    listed = content.index(b"PK\x01\x02")
    for place, changed in faults:
        content[listed + place : listed + place + len(changed)] = changed
    return bytes(content)


ARCHIVES = {
    "zip without pictures": Kind(lambda: archive(("notes.txt", b"text")), "holds no pictures"),
    "empty zip": Kind(archive, "holds no pictures"),
    "damaged zip": Kind(lambda: archive(("a.png", of_size(9, 9)()))[:-30], "archive is damaged"),
    "zip with a picture that is none": Kind(lambda: archive(("a.png", b"text")), NOT_ONE),
    "zip of a later time": Kind(lambda: packed((6, b"\xff\x00")), "archive is damaged"),
    "zip whose picture is elsewhere": Kind(lambda: packed((42, b"\xff" * 4)), "is damaged"),
    "zip whose middle is gone": Kind(lambda: packed()[:40] + packed()[43:], "is damaged"),
    "zip of one without a name": Kind(lambda: packed((46, b"\x00")), "holds no pictures"),
    "zip of one picture": Kind(lambda: archive(("a.png", of_size(9, 9)()))),
}
