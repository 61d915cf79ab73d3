"""Which photos are learned from and which are held out: the same on every machine, forever."""

import hashlib
import math
from collections.abc import Iterable

import pandas as pd

from imgcls.data.layout import TEST, TRAIN, UNDIVIDED, VALIDATION

SPLITS = ("train", "validation", "test")
SPLIT_SEED = 42
# The TensorFlow tutorial cuts the test photos off in batches: a fifth of the batches, not photos.
SPLIT_BATCH = 32
FIFTH = 5


def shuffled(files: Iterable[str]) -> list[str]:
    """Return the files in an order that looks random and is the same on every machine, forever.

    It is the order of a hash of seed and name. A random generator would tie it to the version of
    a library and to the order in which the files were found; a hash depends on the name alone.
    """
    return sorted(files, key=lambda file: hashlib.sha256(f"{SPLIT_SEED}:{file}".encode()).digest())


def fewest_photos(part: str, parts: frozenset[str]) -> int:
    """Return how many photos each class must have in a part, so that every split gets some.

    Args:
        part: TRAIN, VALIDATION, TEST or UNDIVIDED.
        parts: those of the dataset.
    """
    return 2 if part == _divided(parts) else 1


def with_splits(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with the column `split`, one of SPLITS.

    A part called test is the test, and the one called val is for validation. Where one is missing,
    a fifth of each class is held out; where there is no test, a fifth of what is held out is.

    Args:
        table: with the columns `file`, `part` (see `imgcls.data.layout`) and `label`.
    """
    parts = frozenset(table["part"].unique())
    held_out = table.loc[table["part"] == VALIDATION, "file"].tolist()
    for _, files in table[table["part"] == _divided(parts)].groupby("label")["file"]:
        held_out += shuffled(files)[: max(1, len(files) // FIFTH)]
    order = shuffled(held_out)
    tests = 0 if TEST in parts else _number_of_tests(len(order))
    split = dict.fromkeys(order[:tests], "test") | dict.fromkeys(order[tests:], "validation")
    split |= dict.fromkeys(table.loc[table["part"] == TEST, "file"], "test")
    return table.assign(split=[split.get(file, "train") for file in table["file"]])


def _divided(parts: frozenset[str]) -> str | None:
    """Return the part that the validation photos are taken from, when they have none of theirs."""
    if VALIDATION in parts:
        return None
    return UNDIVIDED if UNDIVIDED in parts else TRAIN


def _number_of_tests(held_out: int) -> int:
    batches = math.ceil(held_out / SPLIT_BATCH)
    return batches // FIFTH * SPLIT_BATCH or max(1, held_out // FIFTH)
