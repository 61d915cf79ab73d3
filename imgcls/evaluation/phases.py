"""What phase 2 changed: the same photos answered before it and after it."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from imgcls.evaluation.metrics import confusion


@dataclass(frozen=True, eq=False)
class Changes:
    """Two networks' answers to the same photos.

    Attributes:
        photos: one row a photo: file, split, label, `before` and `after` (the classes answered),
            and `changed`: "fixed" (wrong before, right after), "broken" (the other way round),
            "right both times" or "wrong both times".
    """

    photos: pd.DataFrame

    def count(self, changed: str) -> int:
        """Return how many photos changed in this way."""
        return int((self.photos["changed"] == changed).sum())

    @property
    def p_value(self) -> float:
        """How often chance alone would make a difference as large, by McNemar's exact test.

        Photos that both got right or both got wrong say nothing about which is better. Were both
        equally good, each of the others would have been fixed or broken with even odds (McNemar
        1947), so that this is a two-sided binomial test; 1 when no photo differs.
        """
        fixed, differing = self.count("fixed"), self.count("fixed") + self.count("broken")
        return float(binomtest(fixed, differing).pvalue) if differing else 1.0

    def confusion(self, names: list[str]) -> pd.DataFrame:
        """Return the confusion matrix after less the one before: rows true, columns predicted."""
        labels = self.photos["label"].to_numpy()
        before, after = self.photos["before"].to_numpy(), self.photos["after"].to_numpy()
        return confusion(labels, after, names) - confusion(labels, before, names)


def compare(before: pd.DataFrame, after: pd.DataFrame) -> Changes:
    """Compare predictions of the same photos.

    Args:
        before: as `imgcls.runs.run.Run.predictions_of_phase_1`.
        after: as `imgcls.runs.run.Run.predictions`, the same photos in the same order.
    """
    was = (before["predicted"] == before["label"]).to_numpy()
    is_now = (after["predicted"] == after["label"]).to_numpy()
    changed = np.select(
        [~was & is_now, was & ~is_now, was],
        ["fixed", "broken", "right both times"],
        "wrong both times",
    )
    photos = after[["file", "split", "label"]].assign(
        before=before["predicted"].to_numpy(), after=after["predicted"], changed=changed
    )
    return Changes(photos)
