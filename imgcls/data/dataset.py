"""A folder of photos -> a table of readable photos with labels and splits.

What a dataset's folder looks like says `imgcls.data.layout`; which photos are held out,
`imgcls.data.splits`. The ten digits of scikit-learn are a dataset that is always there.
"""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from imgcls._utils.arrays import Progress, RgbArray
from imgcls._utils.names import dataset_title, titles
from imgcls.data.bundled import write_digits
from imgcls.data.classes import BY_WORDNET_ID, display_name
from imgcls.data.images import ImageError, open_picture, read_rgb
from imgcls.data.layout import FileStates, Layout, find_layout, list_files, printable
from imgcls.data.manifest import IDENTITY, UNREADABLE, frame, scan
from imgcls.data.splits import SPLITS, fewest_photos, with_splits
from imgcls.data.views import view
from imgcls.errors import DatasetError
from imgcls.paths import DIGITS, IMAGENETTE, cache_dir, data_dir

LISTING = {**IDENTITY, "part": "str", "label": "int64"}


# Two datasets are the same when their fingerprints are; data frames have no single answer to ==.
@dataclass(frozen=True, eq=False)
class Dataset:
    """Photos with labels and splits.

    Attributes:
        name: "imagenette", "digits" (scikit-learn's alone), or the folder's.
        root: the folder that holds the parts or the class folders, absolute.
        classes: names of the class folders, sorted; a label is an index into them.
        table: one row a readable photo, sorted by file: `file` (posix path below root), `split`
            (one of SPLITS), `label`, `width` and `height` in pixels, `format` (Pillow's name),
            `bytes`, `digest` (SHA-256 of the file, hex).
        unreadable: `file` and `error` (why) of everything in a class folder that is no photo.
        unused: names of folders beside the parts of the dataset, which are not looked at.
        files: (name, size in bytes, time of change in ns) of every file found, photo or not.
        fingerprint: SHA-256 over names and contents of the readable photos, hex.
    """

    name: str
    root: Path
    classes: tuple[str, ...]
    table: pd.DataFrame
    unreadable: pd.DataFrame
    unused: tuple[str, ...]
    files: FileStates
    fingerprint: str

    @property
    def title(self) -> str:
        """What people read for its name."""
        return dataset_title(self.name)

    @property
    def location(self) -> str:
        """What `open_dataset` finds it by: "digits" or the absolute folder."""
        return DIGITS if self.name == DIGITS else str(self.root)

    @property
    def class_names(self) -> tuple[str, ...]:
        """Names of the classes in files and addresses, in the order of the labels."""
        return tuple(map(display_name, self.classes))

    @property
    def class_titles(self) -> tuple[str, ...]:
        """What people read for `class_names`, see `imgcls._utils.names.titles`."""
        return tuple(titles(self.class_names))

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

    def read_view(self, file: str, size: int, number: int, key: str) -> RgbArray:
        """Return a view of a photo of the table, see `imgcls.data.views.view`.

        Raises:
            ImageError: as `read`.
        """
        try:
            return view(open_picture(self.path(file), size).image, number, size, key)
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
        location: a folder, or the text "digits"; by default `IMGCLS_DATA`, else `data/imagenette`.
        cache: folder of what is known from earlier, by default `imgcls.paths.cache_dir()`.
        progress: called with the files read so far and the files to read.

    Raises:
        DatasetError: there is no such folder, or it is not a dataset.
    """
    cache = cache or cache_dir()
    location = data_dir() if location is None else location
    # A `Path` is a folder whatever it is called.
    bundled = location == DIGITS
    folder = write_digits(cache) if bundled else Path(location).expanduser()
    layout = find_layout(folder.resolve())
    files, listing, strays = _list_all(layout)
    photos, damaged = scan(layout.root, listing, cache / "manifests", progress)
    table = listing.merge(photos, on=list(IDENTITY)).sort_values("file", ignore_index=True)
    unreadable = pd.concat([strays, damaged]).sort_values("file", ignore_index=True)
    _require_photos(layout, table, unreadable)
    columns = ["file", "split", "label", "width", "height", "format", "bytes", "digest"]
    contents = "".join((table["file"] + "\0" + table["digest"] + "\n").tolist())
    return Dataset(
        name=DIGITS if bundled else _name(layout.root, layout.classes),
        root=layout.root,
        classes=layout.classes,
        table=with_splits(table).rename(columns={"size": "bytes"})[columns],
        unreadable=unreadable,
        unused=layout.unused,
        files=files,
        fingerprint=hashlib.sha256(contents.encode()).hexdigest(),
    )


def dataset_name(location: str | Path) -> str:
    """Return the name that the dataset in a folder has, without looking at its photos.

    Args:
        location: as of `open_dataset`. A folder that is no dataset is called what the folder is.
    """
    if location == DIGITS:
        return DIGITS
    try:
        layout = find_layout(Path(location).expanduser().resolve())
    except DatasetError:
        return printable(Path(location).name)
    return _name(layout.root, layout.classes)


def _name(root: Path, classes: tuple[str, ...]) -> str:
    """Return a name for people; those of the two datasets known by name are theirs alone."""
    if set(classes) == set(BY_WORDNET_ID):
        return IMAGENETTE
    name = root.name
    if name.casefold() in (DIGITS, IMAGENETTE):
        name = f"{root.parent.name}/{name}"
    return printable(name)


def _list_all(layout: Layout) -> tuple[FileStates, pd.DataFrame, pd.DataFrame]:
    """Return the files of the class folders, and what lies there that cannot be opened at all."""
    states: list[tuple[str, int, int]] = []
    strays: list[tuple[str, str]] = []
    counts = []
    for folder in layout.folders:
        found = list_files(layout.root, folder.path)
        states += found.files
        strays += found.strays
        counts.append(len(found.files))
    listing = frame(states, IDENTITY).assign(
        part=np.repeat([folder.part for folder in layout.folders], counts),
        label=np.repeat([folder.label for folder in layout.folders], counts),
    )
    return frozenset(states), listing.astype(LISTING), frame(strays, UNREADABLE)


def _require_photos(layout: Layout, table: pd.DataFrame, unreadable: pd.DataFrame) -> None:
    """Raise DatasetError for a class with nothing to learn from or nothing to test with."""
    photos = table.groupby(["part", "label"]).size()
    for folder in layout.folders:
        found = photos.get((folder.part, folder.label), 0)
        needed = fewest_photos(folder.part, layout.parts)
        if found < needed:
            name = folder.path.relative_to(layout.root).as_posix()
            tried = unreadable[unreadable["file"].str.startswith(f"{name}/")]
            why = "".join(f"; {file}: {error}" for file, error in tried.head(1).to_numpy())
            raise DatasetError(
                f"The class folder {printable(folder.path)} has {found} "
                f"readable photos, at least {needed} needed ({len(tried)} unreadable{why})."
            )
