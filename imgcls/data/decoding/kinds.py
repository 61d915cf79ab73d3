"""Which files are pictures: those that claim to be, and those that begin like one."""

from pathlib import PurePosixPath

# What claims to be a picture is answered even when it is none; the content decides on the others.
SPELLED = (
    "jpg jpeg jpe jfif pjpeg pjp mpo png apng webp avif avifs heic heics heif heifs hif gif bmp "
    "dib tif tiff"
)
SUFFIXES = frozenset(f".{suffix}" for suffix in SPELLED.split())
BEGINNINGS = (
    b"\xff\xd8\xff",
    b"\x89PNG\r\n\x1a\n",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"II+\0",
    b"MM\0+",
)
BRANDS = tuple(b"heic heix heim heis hevc hevx hevm hevs mif1 msf1 avif avis".split())
BEGINNING = 16  # bytes of a file that are looked at


def is_picture(name: str, beginning: bytes) -> bool:
    """Return whether a file is a picture, or claims to be one.

    Args:
        name: of the file.
        beginning: its first `BEGINNING` bytes.
    """
    return (
        PurePosixPath(name).suffix.lower() in SUFFIXES
        or beginning.startswith(BEGINNINGS)
        or (beginning.startswith(b"RIFF") and beginning[8:12] == b"WEBP")
        or (beginning.startswith(b"BM") and beginning[6:10] == bytes(4))
        or (beginning[4:8] == b"ftyp" and beginning[8:12] in BRANDS)
    )
