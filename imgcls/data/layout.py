"""A folder -> the class folders in it, and which part of the dataset each belongs to.

Known are `train` beside `val` and `test`, under the names that public datasets give them and in any
case, or class folders alone. What lies below a class folder is the class, however deep.
"""

import os
import re
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path

from imgcls._utils.system_files import is_system_file
from imgcls.errors import DatasetError
from imgcls.paths import DIGITS

# The parts of a dataset on disk. UNDIVIDED: one folder of class folders for all of them.
TRAIN, VALIDATION, TEST, UNDIVIDED = "train", "validation", "test", "undivided"
PART_NAMES = {
    TRAIN: ("train", "training"),
    VALIDATION: ("val", "valid", "validation", "dev"),
    TEST: ("test", "testing"),
}
# Words that public datasets add to those names: training_set, seg_train, train-images.
FILLERS = frozenset({"set", "data", "dataset", "images", "imgs", "photos", "split", "seg"})
EXPECTED = (
    "expected are class folders alone, or train with class folders and beside it val (or valid, "
    "validation), test or both"
)
MOST_WRAPPERS = 8  # folders with nothing but one folder inside, as archives make them
FEWEST_CLASSES = 2
FileStates = frozenset[tuple[str, int, int]]


@dataclass(frozen=True)
class ClassFolder:
    """A folder of photos of one class.

    Attributes:
        path: the folder, absolute.
        part: TRAIN, VALIDATION, TEST or UNDIVIDED.
        label: index into the layout's classes.
    """

    path: Path
    part: str
    label: int


@dataclass(frozen=True)
class Layout:
    """Where a dataset's photos are.

    Attributes:
        root: the folder that holds the parts or the class folders, absolute.
        classes: names of the class folders in Unicode's composed form (NFC), sorted.
        folders: of each class in each part.
        unused: names of folders beside the parts that are not looked at.
    """

    root: Path
    classes: tuple[str, ...]
    folders: tuple[ClassFolder, ...]
    unused: tuple[str, ...]

    @property
    def parts(self) -> frozenset[str]:
        """The parts that there are."""
        return frozenset(folder.part for folder in self.folders)


@dataclass
class Listing:
    """The files below a class folder.

    Attributes:
        files: (name below the root, size in bytes, time of change in ns) of each file.
        strays: (name, why) of what cannot be opened at all.
    """

    files: list[tuple[str, int, int]] = field(default_factory=list)
    strays: list[tuple[str, str]] = field(default_factory=list)


def printable(name: str | Path) -> str:
    """Return a name with escapes for the bytes that are not valid Unicode."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def find_layout(folder: Path) -> Layout:
    """Return what is where in a dataset's folder; no photo is opened.

    Raises:
        DatasetError: the folder is missing, or no dataset.
    """
    root = dataset_root(folder)
    parts, unused = _parts(root)
    found = {part: _class_folders(inside) for part, inside in parts.items()}
    classes = _common_classes({parts[part]: sorted(names) for part, names in found.items()})
    return Layout(
        root=root,
        classes=tuple(classes),
        folders=tuple(
            ClassFolder(path, part, label)
            for part, paths in found.items()
            for label, name in enumerate(classes)
            for path in paths[name]
        ),
        unused=unused,
    )


def dataset_root(folder: Path) -> Path:
    """Return the folder itself, or the dataset in it when it holds one folder and nothing else.

    Raises:
        DatasetError: the folder is missing or cannot be read.
    """
    inner = folder
    for _ in range(MOST_WRAPPERS):
        folders = _folders(inner)
        if len(folders) != 1:
            return inner if folders else folder
        if part_of(folders[0]):
            return inner
        inner = inner / folders[0]
    return folder


def part_of(name: str) -> str | None:
    """Return the part that a folder of this name is, or None.

    Example:
        >>> part_of("Training_set"), part_of("bullet train")
        ('train', None)
    """
    words = [word for word in re.split(r"[\W_]+", name.casefold()) if word]
    words = [word.removesuffix("set") for word in words]
    telling = [word for word in words if word and word not in FILLERS]
    for part, names in PART_NAMES.items():
        if len(telling) == 1 and telling[0] in names:
            return part
    return None


def list_files(root: Path, folder: Path) -> Listing:
    """Return the files below a class folder, however deep, without those of operating systems.

    Links are followed, each folder once.

    Args:
        root: the dataset's folder, which the names returned begin below.
        folder: the class folder.

    Raises:
        DatasetError: the class folder cannot be read.
    """
    found = Listing()
    pending = [(folder.relative_to(root).as_posix(), _entries(folder))]
    seen = {_identity(folder.stat())}
    while pending:
        inside, entries = pending.pop()
        for entry in entries:
            name = f"{inside}/{entry.name}"
            try:
                if printable(name) != name:
                    found.strays.append((printable(name), "its name is not valid Unicode"))
                elif entry.is_dir():
                    identity = _identity(entry.stat())
                    if identity not in seen:  # a link may lead in a circle
                        seen.add(identity)
                        pending.append((name, _scan(Path(entry.path))))
                elif entry.is_file():
                    state = entry.stat()
                    found.files.append((name, state.st_size, state.st_mtime_ns))
                else:
                    found.strays.append((name, "not a file"))
            except OSError as error:
                found.strays.append((name, f"cannot be opened: {error.strerror}"))
    return found


def file_states(layout: Layout) -> FileStates:
    """Return (name, size in bytes, time of change in ns) of every file in the class folders.

    Raises:
        DatasetError: a class folder cannot be read.
    """
    return frozenset(
        file for folder in layout.folders for file in list_files(layout.root, folder.path).files
    )


def _identity(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino


def _scan(folder: Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if not is_system_file(entry.name)]


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        return sorted(_scan(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        raise DatasetError(
            f"There are no photos at {printable(folder)}: fetch Imagenette with "
            "`python -m imgcls data download`, name a folder with `--data DIR` or IMGCLS_DATA, "
            f"or take the bundled digits with `--data {DIGITS}`."
        ) from None
    except NotADirectoryError:
        raise DatasetError(f"{printable(folder)} is a file; a folder is expected.") from None
    except OSError as error:
        raise DatasetError(f"{printable(folder)} cannot be read: {error.strerror}.") from error


def _folders(folder: Path) -> list[str]:
    # Not `DirEntry.is_dir`, which raises for a link that leads to itself.
    return [entry.name for entry in _entries(folder) if Path(entry).is_dir()]


def _parts(root: Path) -> tuple[dict[str, Path], tuple[str, ...]]:
    """Return the folders that hold class folders, by their part, and the folders not looked at."""
    folders = _folders(root)
    named: dict[str, list[str]] = {part: [] for part in PART_NAMES}
    for name in folders:
        if part := part_of(name):
            named[part].append(name)
    divided = {part: names for part, names in named.items() if names}
    others = tuple(name for name in folders if not part_of(name))
    # With no folders inside, `train` is a class like any other: photos of trains.
    if not any(_folders(root / name) for names in divided.values() for name in names):
        if divided and not others and len(folders) > 1:
            raise DatasetError(
                f"{printable(root)} holds {_and(folders)} without class folders inside; {EXPECTED}."
            )
        return {UNDIVIDED: root}, ()
    twice = [names for names in divided.values() if len(names) > 1]
    if twice or TRAIN not in divided:
        names = twice[0] if twice else [name for names in divided.values() for name in names]
        raise DatasetError(f"{printable(root)} holds {_and(names)}; {EXPECTED}.")
    _require_folders(root)
    parts = {part: _unwrapped(root, names[0]) for part, names in divided.items()}
    # Photos to be answered, as competitions hand them out: nobody says what is on them.
    if TEST in parts and not _folders(parts[TEST]):
        others = (*others, parts.pop(TEST).name)
    if set(parts) == {TRAIN}:
        if set(others) - {name for names in divided.values() for name in names}:
            raise DatasetError(
                f"{printable(root)} holds {_and(divided[TRAIN])} with folders inside, and beside "
                f"it {_and(others)}; {EXPECTED}. To use the training photos alone, name "
                f"{printable(parts[TRAIN])}."
            )
        return {UNDIVIDED: parts[TRAIN]}, others
    return parts, others


def _require_folders(root: Path) -> None:
    for entry in _entries(root):
        if part_of(entry.name) and not Path(entry).is_dir():
            raise DatasetError(f"{printable(root / entry.name)} is a file; a folder is expected.")


def _unwrapped(root: Path, name: str) -> Path:
    """Return a part's folder, or the one in it that some archives repeat: train/train."""
    inside = _folders(root / name)
    return root / name / name if inside == [name] else root / name


def _class_folders(inside: Path) -> dict[str, list[Path]]:
    """Return the class folders by name: accents may be written in two ways in folders' names."""
    found: dict[str, list[Path]] = {}
    for name in _folders(inside):
        if printable(name) != name:
            raise DatasetError(
                f"The name of the class folder {printable(inside / name)} is not valid Unicode; "
                "rename the folder."
            )
        found.setdefault(unicodedata.normalize("NFC", name), []).append(inside / name)
    return found


def _common_classes(found: dict[Path, list[str]]) -> list[str]:
    """Return the names of the classes, which are the same in every part."""
    for inside, names in found.items():
        if len(names) < FEWEST_CLASSES:
            held = f"only the class folder {names[0]}" if names else "no class folder"
            raise DatasetError(
                f"{printable(inside)} holds {held}; at least two are needed: "
                "a folder for each class, with its photos inside."
            )
    (first, classes), *others = found.items()
    for inside, names in others:
        if lonely := sorted(set(classes) ^ set(names)):
            raise DatasetError(
                f"{printable(first)} and {printable(inside)} must hold the same class folders; "
                f"only one of them has {', '.join(lonely)}."
            )
    return classes


def _and(names: list[str] | tuple[str, ...]) -> str:
    return " and ".join(printable(name) for name in names)
