"""A dataset with some labels wrong, or without some of its classes: to see what this does."""

import hashlib
from dataclasses import replace
from pathlib import Path

import pandas as pd

from imgcls.data.dataset import Dataset
from imgcls.data.splits import SPLITS
from imgcls.errors import ConfigError, DatasetError
from imgcls.paths import IMAGENETTE

# fastai's table, which comes with Imagenette: a column of labels for each percentage below.
PUBLISHED = "noisy_imagenette.csv"
FEWEST = 2  # classes to learn


def with_label_noise(dataset: Dataset, percent: int) -> Dataset:
    """Return the dataset with wrong labels for about `percent` % of the training photos.

    Imagenette's come from fastai's table when that has a column for this percentage, so that they
    are those of others who use it. Otherwise a hash of each photo's name decides, so that they are
    the same on every machine. Validation and test photos keep their labels.

    Raises:
        DatasetError: the table is damaged.
    """
    if not percent:
        return dataset
    table = dataset.table
    labels = _published(dataset, percent)
    if labels is None:
        labels = pd.Series(
            [
                _drawn(file, label, percent, len(dataset.classes))
                for file, label in zip(table["file"], table["label"], strict=True)
            ],
            index=table.index,
        )
    training = table["split"] == "train"
    return replace(dataset, table=table.assign(label=table["label"].where(~training, labels)))


def _published(dataset: Dataset, percent: int) -> "pd.Series[int] | None":
    path = Path(dataset.root, PUBLISHED)
    column = f"noisy_labels_{percent}"
    if dataset.name != IMAGENETTE or not path.is_file():
        return None
    try:
        known = pd.read_csv(path, index_col="path")
    except (OSError, ValueError) as error:
        raise DatasetError(f"{path} cannot be read: {error}") from error
    if column not in known:
        return None
    folders = dataset.table["file"].map(known[column])
    labels = folders.map({folder: label for label, folder in enumerate(dataset.classes)})
    return labels.fillna(dataset.table["label"]).astype("int64")


def _drawn(file: str, label: int, percent: int, classes: int) -> int:
    digest = hashlib.sha256(f"label noise:{file}".encode()).digest()
    chosen = int.from_bytes(digest[:8]) % 10_000 < percent * 100
    step = 1 + int.from_bytes(digest[8:16]) % (classes - 1)  # never 0: the label is wrong
    return (label + step) % classes if chosen else label


def divide(dataset: Dataset, left_out: int) -> tuple[Dataset, Dataset]:
    """Return the dataset without its last `left_out` classes, and the held-out photos of those.

    Raises:
        ConfigError: too few classes would be left, or no photos to learn from or to be held out.
    """
    kept = len(dataset.classes) - left_out
    if kept < FEWEST:
        raise ConfigError(
            f"left_out_classes: received {left_out}; {dataset.name} has {len(dataset.classes)} "
            f"classes, of which at least {FEWEST} must be left to learn."
        )
    table = dataset.table
    strange = table["label"] >= kept
    learned = table[~strange].reset_index(drop=True)
    if lacking := [name for name in SPLITS if name not in set(learned["split"])]:
        raise ConfigError(
            f"left_out_classes: received {left_out}; without those, {dataset.name} has 0 "
            f"{' and 0 '.join(lacking)} photos, at least 1 needed: leave out fewer classes or add "
            "photos."
        )
    return (
        replace(dataset, classes=dataset.classes[:kept], table=learned),
        replace(dataset, table=table[strange & (table["split"] != "train")].reset_index(drop=True)),
    )
