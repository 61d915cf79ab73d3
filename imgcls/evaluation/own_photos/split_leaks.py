"""Near duplicates in train and held out at once: they make the held-out figures too good."""

from dataclasses import dataclass

import numpy as np

from imgcls._utils.arrays import Progress
from imgcls.data.dataset import Dataset
from imgcls.evaluation.own_photos import near_duplicates
from imgcls.inference.photo_facts import PhotoExaminer, PhotoFacts


@dataclass(frozen=True)
class SplitLeaks:
    """Held-out photos that are nearly the same as a training photo.

    Attributes:
        pairs: training photo and held-out photo, sorted.
        held_out: number of all validation and test photos.
    """

    pairs: tuple[tuple[str, str], ...]
    held_out: int

    @property
    def photos(self) -> frozenset[str]:
        """The held-out photos that have such a twin."""
        return frozenset(held_out for _, held_out in self.pairs)


def near_duplicates_across_splits(
    dataset: Dataset, examiner: PhotoExaminer, on_progress: Progress = lambda done, total: None
) -> SplitLeaks:
    """Find the held-out photos that are nearly the same as a training photo.

    It takes some 4 ms for each photo that was not examined before.

    Args:
        dataset: its photos.
        examiner: computes what is not known yet.
        on_progress: called with (photos computed, photos to compute).
    """
    table = dataset.table
    found = examiner.examine([dataset.path(file) for file in table["file"]], on_progress)
    readable = [row for row, facts in enumerate(found) if isinstance(facts, PhotoFacts)]
    facts = [each for each in found if isinstance(each, PhotoFacts)]
    kept = table.iloc[readable]
    pairs = near_duplicates.alike(facts, kept["label"].to_numpy(np.int64))
    files = kept["file"].to_numpy()
    learned = (kept["split"] == "train").to_numpy()
    crossing = pairs[learned[pairs[:, 0]] != learned[pairs[:, 1]]]
    named = [
        (files[one], files[other]) if learned[one] else (files[other], files[one])
        for one, other in crossing
    ]
    return SplitLeaks(tuple(sorted(named)), int((table["split"] != "train").sum()))
