"""Wrong labels on purpose, for training photos only."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from imgcls.datasets import Dataset, DatasetError
from imgcls.metrics import interval
from imgcls.paths import IMAGENETTE

# fastai's table, which comes with Imagenette: a column of labels for each percentage below.
PUBLISHED = "noisy_imagenette.csv"


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


def precision_at(losses: pd.DataFrame, counts: Sequence[int]) -> pd.DataFrame:
    """Return how many of the photos with the highest loss do have a wrong label.

    Who cleans a dataset looks at the photos that the network disagrees with most.

    Args:
        losses: as `imgcls.runs.Run.training_losses`.
        counts: how many photos are looked at; numbers above that of all photos are left out.

    Returns:
        One row a count: `k`, `wrong` labels among the k highest losses, `precision` (their share)
        with its 95 % interval `low` to `high`, and `recall`, the share of all wrong labels found.
    """
    wrong = losses["label"] != losses["given_label"]
    found = wrong[losses["loss"].sort_values(ascending=False, kind="stable").index].cumsum()
    rows = []
    for k in counts:
        if k <= len(losses):
            hits = int(found.iloc[k - 1])
            rows.append((k, hits, hits / k, *interval(hits, k), hits / max(1, int(wrong.sum()))))
    return pd.DataFrame(rows, columns=["k", "wrong", "precision", "low", "high", "recall"])


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
