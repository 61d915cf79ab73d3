"""What people drop to teach classes -> photos by class; nothing is written here.

Files, zips and whole folders come in with paths that anybody may have made up. A path is only ever
read for the name of a class: no part of it is used to write to disk.
"""

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from imgcls._utils.system_files import is_system_file
from imgcls.data import archives
from imgcls.data.decoding.kinds import SUFFIXES
from imgcls.data.uploads import MAX_BYTES
from imgcls.errors import DatasetError

MAX_NAME = 80  # characters; what fits on a card, and on every file system
MAX_NAME_BYTES = 200  # UTF-8: file systems end names at 255 bytes
MAX_FILES = 20_000  # entries of a zip, or files of a folder, before a look at them is refused
MAX_UNPACKED = 1_000_000_000  # bytes of a zip, as its own list of contents says
SPLIT_FOLDERS = frozenset({"train", "training", "val", "valid", "validation", "test", "testing"})
_FORBIDDEN = re.compile(r'[/\\:*?"<>|\x00-\x1f\x7f-\x9f]')
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})


class DropError(DatasetError):
    """What was dropped cannot be taken; the message is for people."""


@dataclass(frozen=True)
class Found:
    """A picture file among what was dropped.

    Attributes:
        name: its path, for people.
        class_name: the class its folder stands for.
        content: bytes of the file, not decoded yet.
    """

    name: str
    class_name: str
    content: bytes


@dataclass(frozen=True)
class Skipped:
    """A file that is not taken, and why, as a sentence for people."""

    name: str
    reason: str


def class_name(text: str) -> str:
    """Return a name as it can be a folder's on every system.

    Accents are composed (NFC) and white space is one space.

    Raises:
        DropError: the name is empty, too long, a name that datasets use for something else, or
            has characters that a folder cannot have.
    """
    name = " ".join(unicodedata.normalize("NFC", text).split())
    if not name:
        raise DropError("A name is needed: at least one letter.")
    if len(name) > MAX_NAME or len(name.encode(errors="replace")) > MAX_NAME_BYTES:
        raise DropError(
            f"The name “{name[:30]}…” is too long: it has {len(name)} characters, "
            f"at most {MAX_NAME} are accepted ({MAX_NAME_BYTES} bytes)."
        )
    if _FORBIDDEN.search(name) or any(unicodedata.category(c) in _INVISIBLE for c in name):
        raise DropError(
            f"The name “{_visible(name)}” has characters that a folder's name cannot have: leave "
            'out / \\ : * ? " < > | and invisible ones.'
        )
    if name.startswith(".") or name.endswith("."):
        raise DropError(f"The name “{name}” begins or ends with a full stop: leave it out.")
    if name.casefold() in SPLIT_FOLDERS or is_system_file(name):
        raise DropError(
            f"The name “{name}” means something else in a dataset: choose another, such as "
            f"“{name} photos”."
        )
    return name


def same_name(one: str, other: str) -> bool:
    """Return whether two names differ in case and the way of writing accents alone."""
    return _folded(one) == _folded(other)


def read(files: Iterable[tuple[str, bytes]], into: str | None = None) -> Iterator[Found | Skipped]:
    """Yield the picture files among what was dropped, one in memory at a time.

    Args:
        files: path and content of each file; zips are looked into.
        into: the class of all of them; by default their folders name the classes. A folder that
            holds everything, and folders such as train and val, are passed over; deeper folders
            belong to the class above them.

    Raises:
        DropError: too many files, or a zip that would unpack to too much or is damaged.
    """
    plain = []
    for name, content in files:
        if content.startswith(archives.BEGINNINGS):
            yield from _read_zip(name, content, into)
        else:
            plain.append((name, content))
    if len(plain) > MAX_FILES:
        raise _too_many(f"{len(plain):,} files")
    classes = _classes([name for name, _ in plain], into)
    for (name, content), found in zip(plain, classes, strict=True):
        if found is not None:
            yield _found(name, found, content)


def _read_zip(name: str, content: bytes, into: str | None) -> Iterator[Found | Skipped]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES:
                raise _too_many(f"{name} with {len(entries):,} files")
            unpacked = sum(entry.file_size for entry in entries)
            if unpacked > MAX_UNPACKED:
                raise DropError(
                    f"{name} would unpack to {unpacked / 1e6:,.0f} MB; at most "
                    f"{MAX_UNPACKED / 1e6:,.0f} MB are accepted. Nothing was taken from it."
                )
            classes = _classes([archives.entry_name(entry) for entry in entries], into)
            for entry, found in zip(entries, classes, strict=True):
                if found is not None:
                    yield _read_entry(archive, entry, found)
    except zipfile.BadZipFile:
        raise DropError(f"{name} is damaged or incomplete. Nothing was taken from it.") from None


def _read_entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, found: str | Skipped
) -> Found | Skipped:
    if isinstance(found, Skipped):
        return found
    if entry.external_attr >> 28 == 0xA:  # noqa: PLR2004  Unix's file type of a symbolic link
        return Skipped(entry.filename, "it is a link, not a file.")
    if entry.file_size > MAX_BYTES:
        return _too_large(entry.filename, entry.file_size)
    try:
        # The header may lie about the size: never unpack more than is accepted.
        with archive.open(entry) as file:
            return _found(entry.filename, found, file.read(MAX_BYTES + 1))
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError):
        return Skipped(entry.filename, "this part of the archive is damaged.")
    except (RuntimeError, NotImplementedError):
        return Skipped(entry.filename, "it is encrypted or packed in an unknown way.")


def _found(name: str, found: str | Skipped, content: bytes) -> Found | Skipped:
    if isinstance(found, Skipped):
        return found
    if len(content) > MAX_BYTES:
        return _too_large(name, len(content))
    return Found(name, found, content)


def _classes(names: Sequence[str], into: str | None) -> list[str | Skipped | None]:
    """Return for each path its class, why it has none, or None for what nobody means."""
    paths = [_path(name) for name in names]
    meant = [path for path in paths if path is not None and _is_picture(path)]
    above = _passed_over([path.parts[:-1] for path in meant])
    return [
        None if path is None or _is_system(path) else _class_of(name, path, above, into)
        for name, path in zip(names, paths, strict=True)
    ]


def _class_of(name: str, path: PurePosixPath, above: int, into: str | None) -> str | Skipped:
    if ".." in path.parts:
        return Skipped(name, "its path leads out of the folder.")
    if not _is_picture(path):
        return Skipped(name, "it is no picture file.")
    if into is not None:
        return into
    folders = path.parts[above:-1]
    if not folders:
        return Skipped(name, "it lies in no folder, so its class is not known.")
    try:
        return class_name(folders[0])
    except DropError as error:
        return Skipped(name, str(error))


def _passed_over(folders: Sequence[tuple[str, ...]]) -> int:
    """Return how many levels of folders do not name classes.

    They are those that all files share while there are folders below, and train, val and test.
    """
    level = 0
    while folders and all(len(parts) > level + 1 for parts in folders):
        names = {parts[level].casefold() for parts in folders}
        if len(names) > 1 and not names <= SPLIT_FOLDERS:
            break
        level += 1
    return level


def _path(name: str) -> PurePosixPath | None:
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".")]
    return PurePosixPath(*parts) if parts else None


def _is_picture(path: PurePosixPath) -> bool:
    return path.suffix.lower() in SUFFIXES and not _is_system(path)


def _is_system(path: PurePosixPath) -> bool:
    return any(part != ".." and is_system_file(part) for part in path.parts)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _visible(name: str) -> str:
    return name.encode("unicode_escape").decode() if not name.isprintable() else name


def _too_many(what: str) -> DropError:
    return DropError(
        f"Received {what}; at most {MAX_FILES:,} are looked at. Nothing was taken from it."
    )


def _too_large(name: str, size: int) -> Skipped:
    return Skipped(name, f"it has {size / 1e6:.1f} MB, at most {MAX_BYTES / 1e6:.0f} are accepted.")
