"""What is named on the command line -> photos: files, folders, zips, patterns, a list of names."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from imgcls._utils.system_files import is_system_file
from imgcls.data import archives, uploads
from imgcls.data.decoding.kinds import BEGINNING, SUFFIXES, is_picture
from imgcls.errors import ImageError

STANDARD_INPUT = "-"
WILD = "*?["
# The name for people, and where its content is, or what is wrong.
Photo = tuple[str, Path | bytes | ImageError]


def find(words: Iterable[str]) -> list[Photo]:
    """Return the files that are meant, in order; zips are not opened yet.

    Args:
        words: names of files, folders or zips, patterns such as ``*.jpg``, or ``-`` for standard
            input: a picture, or a list of names, one a line or with a zero byte after each.
    """
    found: list[Photo] = []
    for word in words:
        found += _from_standard_input() if word == STANDARD_INPUT else _named(word)
    return found


def count(found: Iterable[Photo]) -> int:
    """Return how many photos `unpacked` will yield."""
    total = 0
    for _, source in found:
        if isinstance(source, Path) and _is_zip(source):
            with source.open("rb") as file:
                total += archives.count(file)
        else:
            total += 1
    return total


def unpacked(found: Iterable[Photo]) -> Iterator[Photo]:
    """Yield the photos; of a zip one at a time is in memory."""
    for name, source in found:
        if isinstance(source, Path) and _is_zip(source):
            with source.open("rb") as file:
                yield from archives.pictures(name, file, uploads.MAX_BYTES)
        else:
            yield name, source


def _from_standard_input() -> list[Photo]:
    content = sys.stdin.buffer.read()
    if is_picture("", content[:BEGINNING]):
        return [(STANDARD_INPUT, content)]
    names = os.fsdecode(content).split("\0" if b"\0" in content else "\n")
    return [photo for name in names if name.strip() for photo in _named(name.removesuffix("\r"))]


def _named(word: str) -> list[Photo]:
    if not os.path.lexists(word):
        if "://" in word:
            return [(word, ImageError("this is an address: fetch the file first, and name it."))]
        if word.startswith("~"):
            word = os.path.expanduser(word)  # noqa: PTH111, pathlib's raises for unknown users
        elif any(sign in word for sign in WILD):
            # The shells of Windows leave patterns to the programs.
            matches = sorted(glob.glob(word, recursive=True))  # noqa: PTH207, from any root
            nothing = ImageError("no file has a name like this.")
            return [photo for name in matches for photo in _named(name)] or [(word, nothing)]
    path = Path(word)
    if not os.path.isdir(word):  # noqa: PTH112, pathlib's raises for names that are too long
        return [(str(path), path)]
    return list(_below(path, frozenset())) or [
        (str(path), ImageError("this folder holds no pictures."))
    ]


def _below(folder: Path, above: frozenset[tuple[int, int]]) -> Iterator[Photo]:
    """Yield the pictures below a folder by name; what else lies there is not meant."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        status = folder.stat()
    except OSError as error:
        yield str(folder), ImageError(f"this folder cannot be read: {error.strerror}.")
        return
    here = (status.st_dev, status.st_ino)
    if here in above:  # a link to a folder that it lies in
        return
    for entry in entries:
        path = folder / entry.name
        if is_system_file(entry.name):
            continue
        if entry.is_dir():
            yield from _below(path, above | {here})
        elif entry.is_file() and (is_picture(entry.name, b"") or is_picture("", _beginning(path))):
            yield str(path), path


def _is_zip(path: Path) -> bool:
    return path.suffix.lower() not in SUFFIXES and _beginning(path).startswith(archives.BEGINNINGS)


def _beginning(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(BEGINNING)
    except (OSError, ValueError):
        return b""  # whoever opens it says what is wrong
