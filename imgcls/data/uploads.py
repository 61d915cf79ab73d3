"""What a visitor drops in -> the pictures in it, within limits checked before any is decoded."""

import io
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import PurePosixPath

from imgcls.data.images import ImageError

MAX_BYTES = 25_000_000  # of one picture; those of phones stay below 15 million
MAX_ARCHIVE_BYTES = 100_000_000
MAX_PICTURES = 1_000  # at a time
SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".heif", ".gif", ".bmp", ".tif", ".tiff"}
)
ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")  # how a zip begins, and an empty one
LIMITS = (
    f"JPEG, PNG, WebP, AVIF, HEIC, GIF, BMP or TIFF of at most {MAX_BYTES / 1e6:.0f} MB and 100 "
    f"million pixels, or a zip of them of at most {MAX_ARCHIVE_BYTES / 1e6:.0f} MB; up to "
    f"{MAX_PICTURES:,} pictures at a time."
)


def count(content: bytes) -> int:
    """Return how many pictures, or complaints about them, `pictures` will yield."""
    if not content.startswith(ARCHIVE):
        return 1
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return max(1, sum(map(_is_picture, archive.infolist())))
    except zipfile.BadZipFile:
        return 1


def pictures(name: str, content: bytes) -> Iterator[tuple[str, bytes | ImageError]]:
    """Yield the name and the content of a picture, or of each in a zip, or what is wrong with it.

    Nothing is decoded here, and of a zip one picture at a time is in memory.
    """
    if not content.startswith(ARCHIVE):
        yield name, _checked(content)
        return
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if _is_picture(entry)]
            if not entries:
                yield name, ImageError("this archive holds no pictures.")
            for entry in entries:
                yield f"{name}/{entry.filename}", _read(archive, entry)
    except zipfile.BadZipFile:
        yield name, ImageError("this archive is damaged or incomplete.")


def _is_picture(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return not entry.is_dir() and not hidden and path.suffix.lower() in SUFFIXES


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | ImageError:
    if entry.file_size > MAX_BYTES:
        return _too_large(entry.file_size)
    try:
        # The header may lie about the size: never unpack more than is accepted.
        with archive.open(entry) as file:
            return _checked(file.read(MAX_BYTES + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return ImageError("this part of the archive is damaged.")
    except (RuntimeError, NotImplementedError):
        return ImageError("this part of the archive is encrypted or packed in an unknown way.")


def _checked(content: bytes) -> bytes | ImageError:
    return _too_large(len(content)) if len(content) > MAX_BYTES else content


def _too_large(size: int) -> ImageError:
    return ImageError(
        f"the file is too large: it has {size / 1e6:.1f} MB, at most {MAX_BYTES / 1e6:.0f} MB are "
        "accepted."
    )
