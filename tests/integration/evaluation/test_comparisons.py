from pathlib import Path

import pandas as pd

from imgcls.config import PRESETS
from imgcls.evaluation.comparisons import differences, figures
from imgcls.runs.run import Run


def other(run: Run, **changes: object) -> Run:
    return Run(Path("elsewhere"), {**run.record, **changes})


def test_only_what_differs(finished: Run) -> None:
    config = {**finished.record["config"], "dropout": 0.5, "seed": 7}
    table = differences([finished, other(finished, config=config)])
    assert sorted(table.index) == ["dropout", "seed"]
    assert list(table.loc["dropout"]) == ["0.2", "0.5"]
    assert list(table.columns) == [finished.title, "elsewhere"]
    assert differences([finished, other(finished)]).empty


def test_photos_and_base_weights_count_too(finished: Run) -> None:
    scratch = other(
        finished,
        config=PRESETS["scratch"].to_dict(),
        base=None,
        data={**finished.record["data"], "fingerprint": "f" * 64},
    )
    table = differences([finished, scratch])
    assert {"photos", "base weights", "architecture"} <= set(table.index)
    assert str(table.loc["base weights", "elsewhere"]).startswith("none")


def test_final_figures(finished: Run) -> None:
    begun = other(finished, status="stopped", test=None, history=[], timings={}, starred=True)
    table = figures([finished, begun])
    first, second = table.iloc[0], table.iloc[1]
    assert first["val_loss"] == finished.record["history"][-1]["val_loss"]
    assert first["test_accuracy"] == finished.record["test"]["accuracy"]
    assert [first["test_low"], first["test_high"]] == finished.record["test"]["interval"]
    assert first["seconds"] == finished.record["timings"]["total"]
    assert second[["val_loss", "test_accuracy", "seconds"]].isna().all()
    assert (second["status"], second["epochs"], bool(second["starred"])) == ("stopped", 0, True)
    assert isinstance(table, pd.DataFrame)
