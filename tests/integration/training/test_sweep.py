"""A sweep for real, on drawings, stopped in the middle and gone on with."""

import json
from pathlib import Path

import pytest

from imgcls.cli.main import main
from imgcls.data.dataset import open_dataset
from imgcls.presets import PRESETS
from imgcls.runs import store, sweeps
from imgcls.runs.run import load_run
from imgcls.training.sweep import grid, sweep
from imgcls.training.train import train

SETTINGS = ["image_size=32", "initial_epochs=1", "seed=1,2", "engine=plain"]


def test_a_sweep_that_was_stopped_goes_on_and_trains_nothing_twice(
    drawn_photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    dataset, configs = open_dataset(drawn_photos), grid(PRESETS["scratch"], SETTINGS)
    begun: list[int] = []

    def note(number: int, total: int, id: str) -> None:
        begun.append(number)
        now = sweeps.under_way(tmp_path)
        assert now is not None
        assert len(sweeps.finished(tmp_path, now)) == number - 1

    asked, finished = sweep(
        configs,
        dataset,
        tmp_path,
        preset="scratch",
        command="once more",
        on_run=note,
        should_stop=lambda: begun[-1] == 2,
    )
    assert begun == [1, 2]
    assert [run.id for run in finished] == asked.runs[:1]
    assert asked.varied == {"seed": [1, 2]}
    assert sweeps.under_way(tmp_path) is None
    assert load_run(tmp_path / asked.runs[1]).status == "stopped"

    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path))
    options = [word for text in SETTINGS for word in ("--set", text)]
    command = ["sweep", "--preset", "scratch", "--data", str(drawn_photos), *options]
    assert main([*command, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["id"] == asked.id
    assert [run["id"] for run in told["runs"]] == asked.runs
    assert told["settings"][0]["runs"] == 2
    first, second = (load_run(tmp_path / id) for id in asked.runs)
    assert first.record == finished[0].record  # not trained again
    assert sweeps.known(tmp_path)[0].command.endswith("--set seed=1,2 --set engine=plain")
    assert main(command) == 0
    assert "2 of 2 runs are finished" in capsys.readouterr().out
    assert len(store.list_runs(tmp_path)) == 2
    # The runs are those that `train` makes: it finds this one.
    assert train(configs[1], dataset, tmp_path, preset="scratch") == second
