from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imgcls._utils.arrays import Floats
from imgcls.data.ood import LEFT_OUT, LEFT_OUT_FORMERLY
from imgcls.evaluation.ood import (
    auroc,
    by_kind,
    fit_likeness,
    fpr_at_tpr,
    left_out_scores,
    roc,
)
from imgcls.inference.likeness import Evidence
from imgcls.presets import PRESETS
from imgcls.runs.files import OUT_OF_DISTRIBUTION
from imgcls.runs.run import Run
from imgcls.runs.store import leave_out_run
from tests.support.runs import changed, copied

TRAINING = Evidence(np.array([1.0, 3.0]), np.array([0.4, 0.8]), np.array([0.1, 0.3]))
KNOWN, UNKNOWN = np.array([4.0, 3.0, 2.0, 1.0]), np.array([2.5, 0.5])


def validation(energies: Floats) -> Evidence:
    """Return that of photos which are like the training photos in all but their energies."""
    return Evidence(energies, np.full(len(energies), 0.6), np.full(len(energies), 0.2))


def test_half_of_the_validation_photos_fixes_the_threshold_and_the_other_is_asked() -> None:
    # The photos that are asked have much lower scores: had they a say, the threshold would drop.
    found = fit_likeness(TRAINING, validation(np.tile([10.0, 0.0], 50)))
    assert found is not None
    assert (found.energy.mean, found.energy.deviation) == (2.0, 1.0)
    assert (found.similarity.mean, found.similarity.deviation) == pytest.approx((0.6, 0.2))
    assert found.centroid is not None
    assert (found.centroid.mean, found.centroid.deviation) == pytest.approx((0.2, 0.1))
    assert found.threshold == pytest.approx(8.0)
    assert (found.kept, found.asked) == (0, 50)


def test_a_few_validation_photos_all_fix_the_threshold() -> None:
    found = fit_likeness(TRAINING, validation(np.tile([10.0, 0.0], 10)))
    assert found is not None
    assert found.threshold == pytest.approx(-2.0)
    assert found.asked == 0


@pytest.mark.parametrize("name", ["energies", "similarities", "centroids"])
def test_training_photos_that_are_all_alike_make_no_score(name: str) -> None:
    assert fit_likeness(replace(TRAINING, **{name: np.ones(2)}), TRAINING) is None


def test_auroc_by_hand() -> None:
    # Of the eight pairs the known one scores higher in 2 (2.5) + 4 (0.5).
    assert auroc(KNOWN, UNKNOWN) == pytest.approx(6 / 8)


def test_roc_by_hand() -> None:
    table = roc(KNOWN, UNKNOWN)
    for threshold, tpr, fpr in ((3.0, 0.5, 0.0), (1.0, 1.0, 0.5), (2.5, 0.5, 0.5)):
        row = table[table["threshold"] == threshold]
        if not row.empty:  # scikit-learn leaves out those between which nothing bends
            assert row[["tpr", "fpr"]].to_numpy().tolist() == [[tpr, fpr]]
    assert fpr_at_tpr(table, 0.5) == 0.0
    assert fpr_at_tpr(table, 0.75) == 0.5
    assert fpr_at_tpr(table, 1.0) == 0.5


def test_by_kind_counts_what_reaches_the_threshold() -> None:
    unknown = pd.DataFrame({"kind": ["noise", "noise", "digits"], "score": [2.5, 0.5, 9.0]})
    found = by_kind(KNOWN, unknown, threshold=2.0)
    assert found.to_dict("records") == [
        {"kind": "noise", "n": 2, "false_positives": 1, "auroc": pytest.approx(0.75)},
        {"kind": "digits", "n": 1, "false_positives": 1, "auroc": 0.0},
    ]


@pytest.fixture
def with_leave_out(finished: Run, tmp_path: Path) -> Run:
    """A folder with two runs, one of which has left classes out."""
    copied(finished, tmp_path / "without", settings={"left_out_classes": 1})
    unknown = finished.out_of_distribution()
    unknown.loc[:4, "kind"] = LEFT_OUT
    unknown.loc[5:9, "kind"] = LEFT_OUT_FORMERLY
    unknown.to_parquet(tmp_path / "without" / OUT_OF_DISTRIBUTION)
    return copied(finished, tmp_path / "whole")


def test_the_run_to_measure_by_differs_in_what_it_left_out(
    with_leave_out: Run, finished: Run
) -> None:
    models = with_leave_out.path.parent
    other = leave_out_run(models, with_leave_out)
    assert other is not None
    assert other.id == "without"
    known, unknown = left_out_scores(other)
    assert len(known) == (other.predictions()["split"] == "validation").sum()
    assert unknown.tolist() == finished.out_of_distribution()["score"][:10].tolist()
    assert leave_out_run(models, changed(with_leave_out, config=PRESETS["hires"])) is None
