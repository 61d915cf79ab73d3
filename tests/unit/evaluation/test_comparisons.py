from pathlib import Path

import pandas as pd

from imgcls.evaluation.comparisons import differences, figures, labels
from imgcls.presets import PRESETS
from imgcls.runs.record import Timings
from imgcls.runs.run import Run
from tests.support.runs import changed


def other(run: Run, **changes: object) -> Run:
    return changed(run, path=Path("elsewhere"), **changes)


def test_only_what_differs(finished: Run) -> None:
    table = differences([finished, other(finished, settings={"dropout": 0.5, "seed": 7})])
    assert sorted(table.index) == ["dropout", "seed"]
    assert list(table.loc["dropout"]) == ["0.2", "0.5"]
    assert list(table.columns) == [finished.title, "Paper recipe, 32 px, changed (elsewhere)"]
    assert differences([finished, other(finished)]).empty


def test_photos_and_base_weights_count_too(finished: Run) -> None:
    scratch = other(
        finished,
        config=PRESETS["scratch"],
        base=None,
        fingerprint="f" * 64,
    )
    table = differences([finished, scratch])
    assert {"photos", "base weights", "architecture"} <= set(table.index)
    assert str(table.loc["base weights", "Paper recipe, 160 px, changed (elsewhere)"]).startswith(
        "none"
    )


def test_final_figures(finished: Run) -> None:
    begun = other(
        finished, status="stopped", test=None, history=(), timings=Timings(), starred=True
    )
    table = figures([finished, begun])
    first, second = table.iloc[0], table.iloc[1]
    assert first["val_loss"] == finished.record.history[-1].val_loss
    assert first["test_accuracy"] == finished.test.accuracy
    assert (first["test_low"], first["test_high"]) == finished.test.interval
    assert first["seconds"] == finished.record.timings.total
    assert second[["val_loss", "test_accuracy", "seconds"]].isna().all()
    assert (second["status"], second["epochs"], bool(second["starred"])) == ("stopped", 0, True)
    assert isinstance(table, pd.DataFrame)


def test_two_runs_of_one_name_are_not_taken_for_one(finished: Run) -> None:
    one, two = changed(finished, name="mine"), other(finished, name="mine", settings={"seed": 7})
    names = [f"mine ({finished.id})", "mine (elsewhere)"]
    assert labels([one, two]) == names
    assert list(differences([one, two]).columns) == names
    assert figures([one, two])["run"].tolist() == names
    assert labels([one, finished]) == ["mine", finished.title]
