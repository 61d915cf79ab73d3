from pathlib import Path

import pytest

from imgcls.evaluation.ablations import noisy_runs, table
from imgcls.presets import ABLATIONS, PRESETS
from imgcls.runs.run import Run
from tests.support import runs


def test_each_mistake_changes_one_thing() -> None:
    paper = PRESETS["paper"].to_dict()
    for name in ABLATIONS:
        changed = {key for key, value in PRESETS[name].to_dict().items() if value != paper[key]}
        assert len(changed) == 1, name


def test_the_newest_finished_run_of_each_preset_is_a_row(finished: Run, tmp_path: Path) -> None:
    def put(preset: str, **changes: object) -> None:
        path = tmp_path / f"{preset}-{len(list(tmp_path.iterdir()))}"
        runs.put(path, finished.record, config=PRESETS[preset], **changes)

    put("paper", created="2026-01-01T00:00:00+00:00")
    put("paper", created="2026-01-02T00:00:00+00:00")
    put("rate-x10")
    put("noise-5", status="stopped")
    put("noise-50", fingerprint="of other photos")
    found = table(tmp_path, finished.fingerprint)
    assert found["run"].tolist() == ["paper-1", "rate-x10-2"]
    assert found["what"].tolist() == ["", ABLATIONS["rate-x10"][1]]
    history, test = finished.history, finished.test
    row = found.iloc[0]
    assert row["train_accuracy_1"] == history["accuracy"].iloc[1]
    assert row["train_accuracy_2"] == history["accuracy"].iloc[2]
    assert row["val_accuracy"] == history["val_accuracy"].iloc[-1]
    assert row["val_loss"] == history["val_loss"].iloc[-1]
    assert row["test_accuracy"] == pytest.approx(test.accuracy)
    assert [row["test_low"], row["test_high"]] == pytest.approx(test.interval)
    assert row["test_n"] == test.n


def test_without_runs_it_is_empty(tmp_path: Path) -> None:
    assert table(tmp_path, "none").empty


def test_noisy_runs_have_the_losses_and_the_fewest_wrong_labels_first(
    finished: Run, tmp_path: Path
) -> None:
    for name, noise, has_losses in (("half", 50, True), ("few", 5, True), ("bare", 20, False)):
        runs.put(tmp_path / name, finished.record, settings={"label_noise": noise})
        if has_losses:
            (tmp_path / name / "training.parquet").write_bytes(b"")
    photos = finished.fingerprint
    assert [run.id for run in noisy_runs(tmp_path, photos)] == ["few", "half"]
    assert noisy_runs(tmp_path, "others") == []
