"""A dataset that people put together: class folders with photos, changed one step at a time.

On disk it is a dataset as any other, `open_dataset(collection.root)`: a folder a class with photos
inside. What is left out lies beside it under names that datasets pass over::

    <collections>/<name>/<class>/<photo>
    <collections>/<name>/.left-out/<class>/<photo>
    <collections>/<name>/.left-out-classes/<class>/<photo>
    <collections>/<name>/.collection.json

A photo is called as the file it came as, with a part of its SHA-256: names never clash, and the
same photo is known again. See `imgcls.data.collections.kept_photo` for what is kept of it.
"""

import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import IO

import filelock

from imgcls.data.collections import drops
from imgcls.data.collections.drops import DropError, Skipped, class_name, same_name
from imgcls.data.collections.kept_photo import digest_of
from imgcls.data.collections.limits import LIMITS, CollectionError, Limits, passed
from imgcls.data.collections.staging import Staged, stage

LEFT_OUT, LEFT_OUT_CLASSES, RECORD = ".left-out", ".left-out-classes", ".collection.json"
LOCK, STAGING = ".lock", ".staging-"


@dataclass
class Added:
    """What became of what was dropped.

    Attributes:
        photos: files added, as `Collection.photos` names them.
        known: names of files that the class held already.
        skipped: files that were not taken, with the reason.
    """

    photos: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Collection:
    """A folder of classes that people fill. All changes wait for each other.

    Photos are named by `class/file`, with a slash on every system.
    """

    root: Path
    limits: Limits = LIMITS

    def classes(self, *, left_out: bool = False) -> list[str]:
        """Return the names of the classes, or of those that are left out, sorted."""
        return _folders(self.root / LEFT_OUT_CLASSES if left_out else self.root)

    def photos(self, name: str | None = None, *, left_out: bool = False) -> list[str]:
        """Return the photos of a class, or of all, sorted; or those that are left out."""
        above = self.root / LEFT_OUT if left_out else self.root
        names = self.classes() if name is None else [name]
        return [f"{name}/{file}" for name in names for file in _files(above / name)]

    def path(self, photo: str) -> Path:
        """Return the path of a photo, left out or not.

        Raises:
            CollectionError: there is none of this name.
        """
        parts = PurePosixPath(photo).parts
        if len(parts) == 2 and not any(part.startswith(".") for part in parts):  # noqa: PLR2004
            for above in (self.root, self.root / LEFT_OUT):
                path = above.joinpath(*parts)
                if path.is_file() and not path.is_symlink():
                    return path
        raise CollectionError(f"There is no photo {photo!r}: it was moved or deleted meanwhile.")

    def add_class(self, name: str) -> str:
        """Add an empty class and return its name. Raises CollectionError."""
        with self._changing():
            return self._add_class(name)

    def rename_class(self, name: str, to: str) -> str:
        """Rename a class and return its new name. Raises CollectionError."""
        with self._changing():
            new = _checked(to)
            self._require_class(name)
            if clash := self._clash(new, but=name):
                raise CollectionError(f"There is a class “{clash}” already.")
            for above in (self.root, self.root / LEFT_OUT):
                if (above / name).is_dir() and new != name:
                    (above / name).rename(above / new)
            return new

    def leave_out_class(self, name: str) -> None:
        """Keep a class with its photos, but out of the dataset. Raises CollectionError."""
        with self._changing():
            self._require_class(name)
            (self.root / LEFT_OUT_CLASSES).mkdir(exist_ok=True)
            (self.root / name).rename(self.root / LEFT_OUT_CLASSES / name)

    def bring_back_class(self, name: str) -> None:
        """Undo `leave_out_class`. Raises CollectionError."""
        with self._changing():
            if name not in self.classes(left_out=True):
                raise CollectionError(f"There is no class “{name}” that was left out.")
            (self.root / LEFT_OUT_CLASSES / name).rename(self.root / name)

    def delete_class(self, name: str) -> None:
        """Delete a class, left out or not, with its photos. Raises CollectionError."""
        with self._changing():
            if name not in [*self.classes(), *self.classes(left_out=True)]:
                raise CollectionError(f"There is no class “{name}”.")
            for above in ("", LEFT_OUT, LEFT_OUT_CLASSES):
                _remove(self.root / above / name)

    def add(self, files: Iterable[tuple[str, bytes]], into: str | None = None) -> Added:
        """Add photos: all of those that can be read, or none when this raises.

        Args:
            files: name and content of each; see `drops.read`. Folders and zips may name classes,
                which are made.
            into: the class of all of them.

        Raises:
            CollectionError: a limit would be passed, the disk is full, or there is no such class.
            DropError: what was dropped cannot be looked at.
        """
        if into is not None:
            self._require_class(into)
        try:
            with TemporaryDirectory(dir=self.root, prefix=STAGING) as folder:
                staged, skipped = stage(drops.read(files, into), Path(folder), self.limits.photos)
                with self._changing():
                    return replace(self._take_in(staged), skipped=skipped)
        except OSError as error:
            raise CollectionError(
                f"The photos cannot be kept ({error.strerror or error}). Nothing was added."
            ) from error

    def leave_out(self, photos: Iterable[str]) -> None:
        """Keep photos, but out of the dataset. Raises CollectionError."""
        self._move(photos, lambda name: self.root / LEFT_OUT / name)

    def bring_back(self, photos: Iterable[str]) -> None:
        """Undo `leave_out`. Raises CollectionError."""
        self._move(photos, lambda name: self.root / name)

    def move(self, photos: Iterable[str], to: str) -> None:
        """Put photos into another class. Raises CollectionError."""
        self._require_class(to)
        self._move(photos, lambda _: self.root / to)

    def delete(self, photos: Iterable[str]) -> None:
        """Delete photos, left out or not. Raises CollectionError."""
        with self._changing():
            for path in [self.path(photo) for photo in photos]:
                path.unlink(missing_ok=True)

    def export_zip(self, file: IO[bytes]) -> None:
        """Write the dataset as a zip with a folder a class, without what is left out."""
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for photo in self.photos():
                archive.write(self.path(photo), photo)

    def size(self) -> int:
        """Return the bytes that all photos take, those that are left out too."""
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())

    def _add_class(self, name: str) -> str:
        new = _checked(name)
        if clash := self._clash(new):
            raise CollectionError(f"There is a class “{clash}” already.")
        if len(self.classes()) >= self.limits.classes:
            raise CollectionError(f"At most {self.limits.classes} classes are kept.")
        (self.root / new).mkdir()
        return new

    def _clash(self, name: str, but: str | None = None) -> str | None:
        names = [*self.classes(), *self.classes(left_out=True)]
        return next((old for old in names if old != but and same_name(old, name)), None)

    def _require_class(self, name: str) -> None:
        if name not in self.classes():
            raise CollectionError(f"There is no class “{name}”: it was renamed or deleted.")

    def _take_in(self, staged: list[Staged]) -> Added:
        """Move staged photos into their classes, after all that could go wrong is ruled out."""
        folders = self._folders_for({photo.class_name for photo in staged})
        known = {
            name: {
                digest_of(file)
                for above in (folder, self.root / LEFT_OUT / folder.name)
                for file in _files(above)
            }
            for name, folder in folders.items()
        }
        added = Added()
        new: dict[Path, Path] = {}
        for photo in staged:
            folder, digests = folders[photo.class_name], known[photo.class_name]
            if digest_of(photo.path.name) in digests:
                added.known.append(photo.name)
                continue
            digests.add(digest_of(photo.path.name))
            new[folder / photo.path.name] = photo.path
            added.photos.append(f"{folder.name}/{photo.path.name}")
        self._require_room(len(new))
        for place, path in new.items():
            place.parent.mkdir(exist_ok=True)
            path.replace(place)
        return added

    def _folders_for(self, wanted: set[str]) -> dict[str, Path]:
        """Return the folder of each class: one that there is in other letters, or a new one."""
        there = [self.root / name for name in self.classes()]
        there += [self.root / LEFT_OUT_CLASSES / name for name in self.classes(left_out=True)]
        found: dict[str, Path] = {}
        for name in sorted(wanted):
            folder = next((old for old in there if same_name(old.name, name)), self.root / name)
            found[name] = folder
            if folder not in there:
                there.append(folder)
        if len(there) > self.limits.classes:
            raise passed(f"{self.limits.classes} classes")
        return found

    def require_room_for(self, other: "Collection") -> None:
        """Raise CollectionError when all datasets together would not hold the other one twice."""
        if self._all_bytes() + other.size() > self.limits.all_bytes:
            raise passed(f"{self.limits.all_bytes / 1e6:,.0f} MB in all datasets together")

    def _all_bytes(self) -> int:
        others = (path.parent for path in self.root.parent.glob(f"*/{RECORD}"))
        return sum(Collection(root).size() for root in others)

    def _require_room(self, photos: int) -> None:
        photos += len(self.photos()) + len(self.photos(left_out=True))
        if photos > self.limits.photos:
            raise passed(f"{self.limits.photos:,} photos")
        # What is staged lies in this folder already.
        if self.size() > self.limits.bytes:
            raise passed(f"{self.limits.bytes / 1e6:,.0f} MB")
        if self._all_bytes() > self.limits.all_bytes:
            raise passed(f"{self.limits.all_bytes / 1e6:,.0f} MB in all datasets together")

    def _move(self, photos: Iterable[str], folder: Callable[[str], Path]) -> None:
        with self._changing():
            paths = {photo: self.path(photo) for photo in photos}
            for photo, path in paths.items():
                target = folder(PurePosixPath(photo).parts[0])
                target.mkdir(parents=True, exist_ok=True)
                path.replace(target / path.name)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            with filelock.FileLock(self.root / LOCK):
                yield
        except FileNotFoundError as error:
            raise CollectionError("This dataset was deleted meanwhile.") from error


def _checked(name: str) -> str:
    try:
        return class_name(name)
    except DropError as error:
        raise CollectionError(str(error)) from error


def _folders(above: Path) -> list[str]:
    return sorted(path.name for path in _visible(above) if path.is_dir())


def _files(folder: Path) -> list[str]:
    return sorted(path.name for path in _visible(folder) if path.is_file())


def _visible(folder: Path) -> Iterator[Path]:
    """Yield what lies in a folder; nothing hidden, and no links, which could lead anywhere."""
    if folder.is_dir():
        for path in folder.iterdir():
            if not path.name.startswith(".") and not path.is_symlink():
                yield path


def _remove(folder: Path) -> None:
    if folder.is_dir():
        shutil.rmtree(folder)
