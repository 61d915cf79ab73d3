from pathlib import Path

import pytest

from imgcls._utils.processes import ProcessId
from imgcls.evaluation.sweeps import best_and_worst, over_seeds, table
from imgcls.runs import store, sweeps
from imgcls.runs.sweeps import FOLDER
from tests.support.sweeps import put_sweep


def test_mean_and_spread_are_over_the_seeds_of_each_setting(tmp_path: Path) -> None:
    sweep = put_sweep(tmp_path, "photos")
    runs = table(sweeps.finished(tmp_path, sweep), sweep.varied)
    assert list(runs["run"]) == sweep.runs
    assert list(runs["seed"]) == [1, 2, 3, 1, 2, 3]
    first, second = over_seeds(runs).to_dict("records")
    assert (first["setting"], second["setting"]) == ("fine_tune_at=54", "fine_tune_at=100")
    assert (first["runs"], first["test_low"], first["test_high"]) == (3, 0.7, 0.9)
    assert first["test_mean"] == pytest.approx(0.8)
    assert first["test_sd"] == pytest.approx(0.1)
    assert first["val_mean"] == pytest.approx(0.2)
    assert second["test_sd"] == 0
    # By the validation photos, whose accuracies are the others' reverse here.
    assert best_and_worst(runs) == (sweep.runs[3], sweep.runs[2])


def test_of_one_seed_there_is_no_spread(tmp_path: Path) -> None:
    sweep = put_sweep(tmp_path, "photos", finished=1)
    runs = table(sweeps.finished(tmp_path, sweep), ["seed"])
    (row,) = over_seeds(runs).to_dict("records")
    assert row["setting"] == "one recipe"
    assert row["test_sd"] != row["test_sd"]


def test_what_was_asked_for_is_found_again(tmp_path: Path) -> None:
    assert sweeps.known(tmp_path) == []
    sweep = put_sweep(tmp_path, "photos", finished=4)
    (tmp_path / FOLDER / "damaged.json").write_text("{")
    assert sweeps.known(tmp_path) == [sweep]
    assert sweeps.under_way(tmp_path) is None
    assert [run.id for run in sweeps.finished(tmp_path, sweep)] == sweep.runs[:4]
    assert sweeps.of_run(tmp_path, store.find(tmp_path, sweep.runs[0])) == [sweep]
    # Asked for once more, it is the same one.
    again = put_sweep(tmp_path, "photos", process=ProcessId.of(), finished=4)
    assert sweeps.known(tmp_path) == [again]
    assert sweeps.under_way(tmp_path) == again
    assert len(store.list_runs(tmp_path)) == 4
