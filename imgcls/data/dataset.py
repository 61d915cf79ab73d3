"""A folder of photos -> a table of readable photos with labels and splits.

A dataset is a folder with `train` and `val` (or `valid`, `validation`) that hold one folder a
class, or a folder of class folders without them. Other folders beside `train` and `val` are not
looked at. The ten digits of scikit-learn are a dataset that is always there.
"""

import hashlib
import math
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from imgcls._utils.arrays import Progress, RgbArray
from imgcls.data.bundled import write_digits
from imgcls.data.classes import BY_WORDNET_ID, display_name
from imgcls.data.images import ImageError, read_rgb
from imgcls.data.manifest import IDENTITY, UNREADABLE, frame, scan
from imgcls.errors import DatasetError
from imgcls.paths import DIGITS, IMAGENETTE, cache_dir, data_dir

SPLITS = ("train", "validation", "test")
SPLIT_SEED = 42
# The TensorFlow tutorial cuts the test photos off in batches: a fifth of the batches, not photos.
SPLIT_BATCH = 32
HELD_OUT_FOLDERS = ("val", "valid", "validation")
# The parts of a dataset on disk: the folders `train` and `val`, or one folder that is not divided.
TRAIN, HELD_OUT, UNDIVIDED = "train", "held out", "undivided"
LISTING = {**IDENTITY, "folder": "str", "part": "str", "label": "int64"}


# Two datasets are the same when their fingerprints are; data frames have no single answer to ==.
@dataclass(frozen=True, eq=False)
class Dataset:
    """Photos with labels and splits.

    Attributes:
        name: "imagenette", "digits", or the name of the folder.
        root: the folder, absolute.
        classes: names of the class folders, sorted; a label is an index into them.
        table: one row a readable photo, sorted by file: `file` (posix path below root), `split`
            (one of SPLITS), `label`, `width` and `height` in pixels, `format` (Pillow's name),
            `bytes`, `digest` (SHA-256 of the file, hex).
        unreadable: `file` and `error` (why) of everything in a class folder that is no photo.
        fingerprint: SHA-256 over names and contents of the readable photos, hex.
    """

    name: str
    root: Path
    classes: tuple[str, ...]
    table: pd.DataFrame
    unreadable: pd.DataFrame
    fingerprint: str

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes for people, in the order of the labels."""
        return tuple(map(display_name, self.classes))

    def split(self, name: str) -> pd.DataFrame:
        """Return the rows of one split, sorted by file. Raises ValueError for another name."""
        if name not in SPLITS:
            raise ValueError(f"split: received {name!r}; allowed: {', '.join(SPLITS)}.")
        return self.table[self.table["split"] == name].reset_index(drop=True)

    def path(self, file: str) -> Path:
        """Return the absolute path of a photo of the table."""
        return self.root / file

    def read(self, file: str, size: int) -> RgbArray:
        """Return a photo of the table as `imgcls.data.images.read_rgb` does.

        Raises:
            ImageError: it has become unreadable since the folder was scanned; names the file.
        """
        try:
            return read_rgb(self.path(file), size)
        except ImageError as error:
            raise ImageError(f"{file}: {error}") from error

    def counts(self) -> dict[str, dict[str, int]]:
        """Return the number of photos: split -> class folder -> photos."""
        found = self.table.groupby(["split", "label"]).size().to_dict()
        return {
            split: {name: found.get((split, label), 0) for label, name in enumerate(self.classes)}
            for split in SPLITS
        }


def open_dataset(
    location: str | Path | None = None,
    *,
    cache: Path | None = None,
    progress: Progress | None = None,
) -> Dataset:
    """Read a dataset; the second time only photos that are new or changed are decoded.

    Args:
        location: a folder, or "digits"; by default `IMGCLS_DATA`, else `data/imagenette`.
        cache: folder of what is known from earlier, by default `imgcls.paths.cache_dir()`.
        progress: called with the files read so far and the files to read.

    Raises:
        DatasetError: there is no such folder, or it is not a dataset.
    """
    cache = cache or cache_dir()
    location = data_dir() if location is None else location
    bundled = str(location) == DIGITS
    root = (write_digits(cache) if bundled else Path(location).expanduser()).resolve()
    layout = _layout(root)
    classes = _common_classes(layout)
    folders = {
        (parent / name).relative_to(root).as_posix(): (part, label)
        for part, parent in layout.items()
        for label, name in enumerate(classes)
    }
    listing, strays = _list_files(root, folders)
    photos, damaged = scan(root, listing, cache / "manifests", progress)
    table = listing.merge(photos, on=list(IDENTITY)).sort_values("file", ignore_index=True)
    unreadable = pd.concat([strays, damaged]).sort_values("file", ignore_index=True)
    _require_photos(root, folders, table, unreadable)
    columns = ["file", "split", "label", "width", "height", "format", "bytes", "digest"]
    contents = "".join((table["file"] + "\0" + table["digest"] + "\n").tolist())
    return Dataset(
        name=DIGITS if bundled else _name(root, classes),
        root=root,
        classes=classes,
        table=_with_splits(table).rename(columns={"size": "bytes"})[columns],
        unreadable=unreadable,
        fingerprint=hashlib.sha256(contents.encode()).hexdigest(),
    )


def inspect_dataset(dataset: Dataset) -> dict[str, Any]:
    """Return what there is to know about a dataset, as plain JSON types.

    Sizes are in pixels. `duplicates` are photos with the same bytes: the groups of files, and how
    many groups lie in train and held out at once, which makes the held-out scores too good.
    """
    counts, table = dataset.counts(), dataset.table
    twins = table[table.duplicated("digest", keep=False)].groupby("digest", sort=False)
    trained_on = (table["split"] == "train").groupby(table["digest"]).nunique()
    return {
        "name": dataset.name,
        "root": str(dataset.root),
        "classes": [_describe(folder, counts) for folder in dataset.classes],
        "counts": {split: sum(counts[split].values()) for split in SPLITS},
        "sizes": {side: _range(table[side]) for side in ("width", "height")},
        "unreadable": dataset.unreadable.to_dict("records"),
        "duplicates": {
            "groups": [files.tolist() for _, files in twins["file"]],
            "in_train_and_held_out": int((trained_on > 1).sum()),
        },
        "fingerprint": dataset.fingerprint,
    }


def shuffled(files: Iterable[str]) -> list[str]:
    """Return the files in an order that looks random and is the same on every machine, forever.

    It is the order of a hash of seed and name. A random generator would tie it to the version of
    a library and to the order in which the files were found; a hash depends on the name alone.
    """
    return sorted(files, key=lambda file: hashlib.sha256(f"{SPLIT_SEED}:{file}".encode()).digest())


def _describe(folder: str, counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    known = BY_WORDNET_ID.get(folder)
    return {
        "folder": folder,
        "imagenet_name": known.imagenet_name if known else None,
        "paper_name": known.paper_name if known else None,
        "counts": {split: counts[split][folder] for split in SPLITS},
    }


def _range(values: "pd.Series[int]") -> dict[str, float]:
    return {"min": int(values.min()), "median": float(values.median()), "max": int(values.max())}


def _name(root: Path, classes: tuple[str, ...]) -> str:
    return IMAGENETTE if set(classes) == set(BY_WORDNET_ID) else _printable(root.name)


def _printable(name: str | Path) -> str:
    """Return a name with escapes for the bytes that are not valid Unicode."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """Return what lies in a folder, by name, without hidden files."""
    try:
        with os.scandir(folder) as entries:
            visible = [entry for entry in entries if not entry.name.startswith(".")]
    except FileNotFoundError:
        raise DatasetError(
            f"There are no photos at {_printable(folder)}: fetch Imagenette with "
            "`python -m imgcls data download`, name a folder with `--data DIR` or IMGCLS_DATA, "
            f"or take the bundled digits with `--data {DIGITS}`."
        ) from None
    except NotADirectoryError:
        raise DatasetError(f"{_printable(folder)} is a file; a folder is expected.") from None
    except OSError as error:
        raise DatasetError(f"{_printable(folder)} cannot be read: {error.strerror}.") from error
    return sorted(visible, key=lambda entry: entry.name)


def _folders(folder: Path) -> tuple[str, ...]:
    return tuple(entry.name for entry in _entries(folder) if Path(entry).is_dir())


def _layout(root: Path) -> dict[str, Path]:
    """Return the folders that hold class folders, by the part of the dataset that they are."""
    found = {entry.name for entry in _entries(root)}
    present = [name for name in (TRAIN, *HELD_OUT_FOLDERS) if name in found]
    match present:
        case ["train", held_out]:
            return {TRAIN: root / TRAIN, HELD_OUT: root / held_out}
    # With no folders inside, `train` is a class like any other: photos of trains.
    if any(_folders(root / name) for name in present):
        raise DatasetError(
            f"{_printable(root)} holds {' and '.join(present)}; expected are {TRAIN} and one of "
            f"{', '.join(HELD_OUT_FOLDERS)}, or class folders alone."
        )
    return {UNDIVIDED: root}


def _common_classes(layout: dict[str, Path]) -> tuple[str, ...]:
    """Return the class folders, which are the same in every part."""
    found = {folder: _folders(folder) for folder in layout.values()}
    for folder, names in found.items():
        if len(names) <= 1:
            raise DatasetError(
                f"{_printable(folder)} holds {len(names)} class folders "
                f"({', '.join(map(_printable, names)) or 'none'}); at least two are needed: "
                "a folder for each class, with its photos inside."
            )
        for name in names:
            if _printable(name) != name:
                raise DatasetError(
                    f"The name of the class folder {_printable(folder / name)} is not valid "
                    "Unicode; rename the folder."
                )
    (first, names), *others = found.items()
    for folder, other in others:
        if lonely := sorted(set(names) ^ set(other)):
            raise DatasetError(
                f"{_printable(first)} and {_printable(folder)} must hold the same class folders; "
                f"only one of them has {', '.join(lonely)}."
            )
    return names


def _list_files(
    root: Path, folders: dict[str, tuple[str, int]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the files of the class folders, and what lies there that cannot be opened at all."""
    files, strays = [], []
    for folder, (part, label) in folders.items():
        for entry in _entries(root / folder):
            file = _printable(f"{folder}/{entry.name}")
            try:
                if file != f"{folder}/{entry.name}":
                    strays.append((file, "its name is not valid Unicode"))
                elif not entry.is_file():
                    strays.append((file, "not a file"))
                else:
                    stat = entry.stat()
                    files.append((file, stat.st_size, stat.st_mtime_ns, folder, part, label))
            except OSError as error:
                strays.append((file, f"cannot be opened: {error.strerror}"))
    return frame(files, LISTING), frame(strays, UNREADABLE)


def _require_photos(
    root: Path,
    folders: dict[str, tuple[str, int]],
    table: pd.DataFrame,
    unreadable: pd.DataFrame,
) -> None:
    """Raise DatasetError for a class with nothing to learn from or nothing to test with."""
    photos = table["folder"].value_counts()
    for folder, (part, _) in folders.items():
        # An undivided class gives one photo away to be tested with.
        needed = 2 if part == UNDIVIDED else 1
        if photos.get(folder, 0) < needed:
            tried = unreadable[unreadable["file"].str.startswith(f"{folder}/")]
            why = "".join(f"; {file}: {error}" for file, error in tried.head(1).to_numpy())
            raise DatasetError(
                f"The class folder {_printable(root / folder)} has {photos.get(folder, 0)} "
                f"readable photos, at least {needed} needed ({len(tried)} unreadable{why})."
            )


def _with_splits(table: pd.DataFrame) -> pd.DataFrame:
    """Add `split`: hold out a fifth of each undivided class, then cut off the test photos."""
    held_out = table.loc[table["part"] == HELD_OUT, "file"].tolist()
    for _, files in table[table["part"] == UNDIVIDED].groupby("label")["file"]:
        held_out += shuffled(files)[: max(1, len(files) // 5)]
    batches = math.ceil(len(held_out) / SPLIT_BATCH)
    tests = batches // 5 * SPLIT_BATCH or len(held_out) // 5
    order = shuffled(held_out)
    split = dict.fromkeys(order[:tests], "test") | dict.fromkeys(order[tests:], "validation")
    return table.assign(split=[split.get(file, "train") for file in table["file"]])
