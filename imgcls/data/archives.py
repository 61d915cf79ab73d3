"""Pictures in a zip: which they are, what they are called, and what is wrong with them."""

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import PurePosixPath
from typing import IO

from imgcls._utils.system_files import is_system_file
from imgcls.data.decoding.kinds import BEGINNING, is_picture
from imgcls.errors import ImageError

BEGINNINGS = (b"PK\x03\x04", b"PK\x05\x06")  # how a zip begins, and an empty one
MAX_ENTRIES = 50_000  # its list of contents is kept in memory while it is read
UTF_8 = 0x800  # the flag in a zip that says how a name is written
END_WITHIN = 66_000  # bytes: the end record of a zip and the longest comment
ENTRY_BYTES = 60  # that one file takes in the list of contents, at least
PACKED_STRANGELY = (RuntimeError, NotImplementedError)
UNREADABLE = (
    *PACKED_STRANGELY,
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError, ValueError),
)
Read = Callable[[], bytes | ImageError]


def count(file: IO[bytes]) -> int:
    """Return how many pictures, or complaints about them, `pictures` will yield."""
    return sum(1 for _ in members("", file, 0))


def pictures(name: str, file: IO[bytes], limit: int) -> Iterator[tuple[str, bytes | ImageError]]:
    """Yield the name and the content of each picture in a zip, or what is wrong with it.

    Args:
        name: of the zip.
        file: the zip.
        limit: bytes of one picture that are accepted.
    """
    for member, read in members(name, file, limit):
        yield member, read()


def members(name: str, file: IO[bytes], limit: int) -> Iterator[tuple[str, Read]]:
    """Yield as `pictures`, but functions that read the content, while `file` is open.

    Who only counts, or passes some over, unpacks nothing.
    """
    try:
        with _opened(file) as archive:
            entries = _entries(archive)
            if not entries:
                yield name, partial(ImageError, "this archive holds no pictures.")
            for entry in entries:
                yield f"{name}/{entry_name(entry)}", partial(_read, archive, entry, limit)
    except ImageError as error:
        yield name, partial(ImageError, str(error))
    except UNREADABLE:
        yield name, partial(ImageError, "this archive is damaged or incomplete.")


def entry_name(entry: zipfile.ZipInfo) -> str:
    """Return the name of a file in a zip, in the code page in which it was probably written.

    Zips of today say that their names are UTF-8. Others use what their system used: Japanese
    Windows cp932, older Western programs cp1252, DOS cp437, which Python takes for granted.
    """
    if entry.flag_bits & UTF_8 or entry.filename.isascii():
        return entry.filename
    try:
        written = entry.filename.encode("cp437")
    except UnicodeEncodeError:
        return entry.filename
    for code_page, plausible in (("utf-8", None), ("cp932", _japanese), ("cp1252", _western)):
        try:
            name = written.decode(code_page)
        except UnicodeDecodeError:
            continue
        if plausible is None or plausible(name):
            return name
    return entry.filename


def _japanese(name: str) -> bool:
    # In cp932, Chinese and cp1252 look like katakana of half width, and an accented letter in a
    # word looks like a single kanji between Latin letters.
    alone = re.search(
        r"[A-Za-z][^\x00-\x7f](?![^\x00-\x7f])|(?<![^\x00-\x7f])[^\x00-\x7f][A-Za-z]", name
    )
    return not alone and not re.search(r"[\uff61-\uff9f]", name)


def _western(name: str) -> bool:
    return all(letter.isascii() or letter >= "\xc0" for letter in name)


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    """Open a zip, unless its list of contents alone would fill the memory."""
    file.seek(0, io.SEEK_END)
    size = file.tell()
    file.seek(max(0, size - END_WITHIN))
    end = file.read()
    place = end.rfind(b"PK\x05\x06")
    listed = int.from_bytes(end[place + 12 : place + 16], "little") if place >= 0 else 0
    if min(listed, size) > MAX_ENTRIES * ENTRY_BYTES:
        raise ImageError(f"this archive holds too many files: up to {MAX_ENTRIES:,} are accepted.")
    return zipfile.ZipFile(file)


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [entry for entry in archive.infolist() if _is_picture(archive, entry)]


def _is_picture(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    parts = PurePosixPath(entry.filename).parts
    if not parts or entry.is_dir() or any(map(is_system_file, parts)):
        return False
    try:
        # The name decides first: nothing need be unpacked.
        return is_picture(entry.filename, b"") or is_picture("", _beginning(archive, entry))
    except UNREADABLE:
        return False  # without its content there is nothing that would make it a picture


def _beginning(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    with archive.open(entry) as file:
        return file.read(BEGINNING)


def _read(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limit: int) -> bytes | ImageError:
    if entry.file_size > limit:
        return too_large(entry.file_size, limit)
    try:
        # The header may lie about the size: never unpack more than is accepted.
        with archive.open(entry) as file:
            return checked(file.read(limit + 1), limit)
    except PACKED_STRANGELY:
        return ImageError("this part of the archive is encrypted or packed in an unknown way.")
    except UNREADABLE:
        return ImageError("this part of the archive is damaged.")


def checked(content: bytes, limit: int) -> bytes | ImageError:
    """Return the content of a file, or that it is too large."""
    return too_large(len(content), limit) if len(content) > limit else content


def too_large(size: int, limit: int) -> ImageError:
    """Return what is wrong with a file of so many bytes."""
    return ImageError(
        f"the file is too large: it has {size / 1e6:.1f} MB, at most {limit / 1e6:.0f} MB are "
        "accepted."
    )
