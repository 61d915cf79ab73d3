"""What a visitor drops in -> the pictures in it, within limits checked before any is decoded."""

import io
from collections.abc import Iterator

from imgcls.data import archives
from imgcls.errors import ImageError

MAX_BYTES = 60_000_000  # of one picture: phones make up to 200 million pixels in 50 MB
MAX_ARCHIVE_BYTES = 100_000_000
MAX_PICTURES = 1_000  # at a time
LIMITS = (
    f"JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP or TIFF of at most {MAX_BYTES / 1e6:.0f} MB, or a zip "
    f"of them of at most {MAX_ARCHIVE_BYTES / 1e6:.0f} MB; up to {MAX_PICTURES:,} pictures at a "
    "time."
)


def count(content: bytes) -> int:
    """Return how many pictures, or complaints about them, `pictures` will yield."""
    return archives.count(io.BytesIO(content)) if content.startswith(archives.BEGINNINGS) else 1


def pictures(name: str, content: bytes) -> Iterator[tuple[str, bytes | ImageError]]:
    """Yield the name and the content of a picture, or of each in a zip, or what is wrong with it.

    Nothing is decoded here, and of a zip one picture at a time is in memory.
    """
    if content.startswith(archives.BEGINNINGS):
        yield from archives.pictures(name, io.BytesIO(content), MAX_BYTES)
    else:
        yield name, archives.checked(content, MAX_BYTES)
