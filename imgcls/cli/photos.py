"""What is named on the command line -> photos: files, folders, archives, patterns, lists."""

import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import IO

from imgcls._utils.system_files import is_system_file
from imgcls.data import archives, tars, uploads
from imgcls.data.decoding.kinds import BEGINNING, SUFFIXES, is_picture
from imgcls.errors import ImageError

STANDARD_INPUT = "-"
LIST = "@"
LONGEST_NAME = 65_536  # bytes, more than any system allows
WILD = "*?["
Source = Path | bytes | ImageError
# The name for people, and where its content is, or what is wrong.
Photo = tuple[str, Source]
Read = Callable[[], Source]


def find(words: Iterable[str]) -> Iterator[Photo]:
    """Yield the files that are meant, in order; archives are not opened yet.

    Args:
        words: names of files, folders, zips or tars, patterns such as ``*.jpg``, or ``@FILE`` for a
            list of names, one a line or with a zero byte after each; ``-`` for standard input: such
            a list, or a picture.
    """
    for word in words:
        if word == STANDARD_INPUT:
            yield from _listed(sys.stdin.buffer, STANDARD_INPUT)
        elif word.startswith(LIST) and not os.path.lexists(word):
            yield from _in_list_file(word)
        else:
            yield from _named(word)


def count(found: Iterable[Photo]) -> int:
    """Return how many photos `unpacked` will yield."""
    return sum(1 for _ in unpacked(found))


def unpacked(found: Iterable[Photo]) -> Iterator[tuple[str, Read]]:
    """Yield each photo's name and the function that gets it, to be called before the next one.

    Of an archive one photo at a time is in memory.
    """
    for name, source in found:
        if isinstance(source, Path) and tars.is_tar(source):
            yield from tars.members(name, source, uploads.MAX_BYTES)
        elif isinstance(source, Path) and _is_zip(source):
            with source.open("rb") as file:
                yield from archives.members(name, file, uploads.MAX_BYTES)
        else:
            yield name, partial(_itself, source)


def _itself(source: Source) -> Source:
    return source


def _in_list_file(word: str) -> Iterator[Photo]:
    try:
        with Path(word.removeprefix(LIST)).open("rb") as file:
            yield from _listed(file, word)
    except OSError as error:
        yield word, ImageError(f"this list of names cannot be read ({error.strerror}).")


def _listed(file: IO[bytes], name: str) -> Iterator[Photo]:
    """Yield what a list names, of which a piece at a time is in memory, or the picture it is."""
    piece = file.read(LONGEST_NAME)
    if is_picture("", piece[:BEGINNING]):
        yield name, piece + file.read()
        return
    end, left = b"\0" if b"\0" in piece else b"\n", b""
    while piece:
        *whole, left = (left + piece).split(end)
        yield from _all_named(whole)
        piece = file.read(LONGEST_NAME)
    yield from _all_named([left])


def _all_named(names: Iterable[bytes]) -> Iterator[Photo]:
    for name in names:
        if name.strip():
            yield from _named(os.fsdecode(name).removesuffix("\r"))


def _named(word: str) -> Iterator[Photo]:
    if not os.path.lexists(word):
        if "://" in word:
            yield word, ImageError("this is an address: fetch the file first, and name it.")
            return
        if word.startswith("~"):
            word = os.path.expanduser(word)  # noqa: PTH111, pathlib's raises for unknown users
        elif any(sign in word for sign in WILD):
            # The shells of Windows leave patterns to the programs.
            matches = sorted(glob.glob(word, recursive=True))  # noqa: PTH207, from any root
            for name in matches:
                yield from _named(name)
            if not matches:
                yield word, ImageError("no file has a name like this.")
            return
    path = Path(word)
    if not os.path.isdir(word):  # noqa: PTH112, pathlib's raises for names that are too long
        yield str(path), path
        return
    below = _below(path, frozenset())
    yield next(below, (str(path), ImageError("this folder holds no pictures.")))
    yield from below


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
