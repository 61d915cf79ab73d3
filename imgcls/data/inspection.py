"""What there is to know about a dataset before anything is learned from it."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

import pandas as pd

from imgcls.data.classes import BY_WORDNET_ID
from imgcls.data.dataset import Dataset
from imgcls.data.layout import printable
from imgcls.data.splits import SPLITS

# One class so many times as frequent as another: never answering the rare one costs little.
IMBALANCE = 5
# The 95 % interval of 27 right answers of 30 reaches from 74 to 97 %.
FEW_TESTS = 30


@dataclass(frozen=True)
class Remark:
    """Something that makes a dataset's figures worth less than they seem.

    Attributes:
        kind: of what.
        text: a sentence or two for people.
    """

    kind: Literal["leak", "contradiction", "imbalance", "few", "unused"]
    text: str


def remarks(dataset: Dataset) -> list[Remark]:
    """Return what should be known before training, the gravest first."""
    found = [
        ("leak", _leak(dataset)),
        ("contradiction", _contradiction(dataset)),
        ("imbalance", _imbalance(dataset)),
        ("few", _few(dataset)),
        ("unused", _unused(dataset)),
    ]
    return [Remark(kind, text) for kind, text in found if text]  # type: ignore[arg-type]


def inspect_dataset(dataset: Dataset) -> dict[str, Any]:
    """Return what there is to know about a dataset, as plain JSON types.

    Sizes are in pixels. `duplicates` are photos with the same bytes: the groups of files, and how
    many groups lie in train and held out at once, which makes the held-out scores too good.
    `remarks` are those of `remarks`.
    """
    counts, table = dataset.counts(), dataset.table
    twins = table[table.duplicated("digest", keep=False)].groupby("digest", sort=False)
    return {
        "name": dataset.name,
        "root": str(dataset.root),
        "classes": [_describe(folder, counts) for folder in dataset.classes],
        "counts": {split: sum(counts[split].values()) for split in SPLITS},
        "sizes": {side: _range(table[side]) for side in ("width", "height")},
        "unreadable": dataset.unreadable.to_dict("records"),
        "duplicates": {
            "groups": [files.tolist() for _, files in twins["file"]],
            "in_train_and_held_out": int(_leaked(table).sum()),
        },
        "remarks": [asdict(remark) for remark in remarks(dataset)],
        "fingerprint": dataset.fingerprint,
    }


def _leaked(table: pd.DataFrame) -> "pd.Series[bool]":
    """Return for each content whether it is both learned from and held out."""
    return (table["split"] == "train").groupby(table["digest"]).nunique() > 1


def _leak(dataset: Dataset) -> str:
    leaked = _leaked(dataset.table)
    held_out = dataset.table[dataset.table["split"] != "train"]
    hits = int(held_out["digest"].map(leaked).sum())
    if not hits:
        return ""
    return (
        f"{hits:,} of the {len(held_out):,} validation and test photos are the same as training "
        "photos, byte for byte: the network is examined on what it has learned, and its figures "
        "come out too good."
    )


def _contradiction(dataset: Dataset) -> str:
    labels = dataset.table.groupby("digest")["label"].nunique()
    count = int((labels > 1).sum())
    if not count:
        return ""
    be = "photo is" if count == 1 else "photos are"
    return f"{count:,} {be} in the folders of several classes at once: one label must be wrong."


def _imbalance(dataset: Dataset) -> str:
    counts = dataset.split("train")["label"].value_counts()
    rare, frequent = int(counts.index[-1]), int(counts.index[0])
    if counts[frequent] < IMBALANCE * counts[rare]:
        return ""
    names = dataset.class_titles
    share = counts[frequent] / counts.sum()
    return (
        f"The classes are uneven: {names[frequent]} has {counts[frequent]:,} training photos and "
        f"{names[rare]} {counts[rare]:,}. To answer {names[frequent]} always would be right for "
        f"{share * 100:.0f} % of them, so look at each class's recall, not at the accuracy alone."
    )


def _few(dataset: Dataset) -> str:
    tests = len(dataset.split("test"))
    if tests >= FEW_TESTS:
        return ""
    photos = (
        "1 photo, so it is 0 or 100 %"
        if tests == 1
        else (f"{tests} photos, so each of them is {100 / tests:.0f} % of it")
    )
    return f"The test accuracy will rest on {photos}: little more than a first impression."


def _unused(dataset: Dataset) -> str:
    if not dataset.unused:
        return ""
    names = ", ".join(map(printable, dataset.unused))
    return f"Not looked at, since no class folders of this dataset are in there: {names}."


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
