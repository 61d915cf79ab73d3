"""Training for real, on drawings, with a tiny base."""

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import filelock
import keras
import msgspec
import numpy as np
import pandas as pd
import pytest

from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId
from imgcls.architectures import mobilenet_v2
from imgcls.config import ConfigError, TrainConfig, with_settings
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation import metrics
from imgcls.inference.predictor import Predictor
from imgcls.networks.build import find_base
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.events import Event, TrainingStep
from imgcls.runs.files import EMBEDDING
from imgcls.runs.run import Run, RunError, load_run
from imgcls.training.learner import Learner, build
from imgcls.training.train import TrainingError, find_run, train, with_new_seed
from tests.conftest import Once
from tests.support.datasets import TINY, draw_shape
from tests.support.repository import ROOT
from tests.support.runs import changed, copied, figures, put
from tests.support.training import losses

# Steps and epochs enough of each phase to be stopped or killed in it.
INTERRUPTED = ("batch_size=2", "initial_epochs=30", "fine_tune_epochs=3")
SECONDS = 240  # a process that imports TensorFlow, on a machine that is busy with other tests


@pytest.fixture(scope="module")
def dataset(drawn_photos: Path) -> Dataset:
    return open_dataset(drawn_photos)


@pytest.fixture(scope="module")
def begin(base_weights: Path, dataset: Dataset) -> Callable[..., Run]:
    def run(models: Path, *settings: str, **options: Any) -> Run:
        config = with_settings(PRESETS["paper"], [*TINY, *settings])
        options = {"preset": "paper", "weights_file": base_weights, **options}
        return train(config, dataset, models, **options)

    return run


def test_it_learns_and_leaves_the_whole_run(finished: Run, dataset: Dataset) -> None:
    assert finished.status == "finished"
    assert finished.history["loss"].iloc[-1] < finished.history["loss"].iloc[0]
    assert finished.history["phase"].tolist() == [1, 1, 2, 2]
    # Others may have looked at its map meanwhile, which leaves one file more.
    assert sorted({path.name for path in finished.path.iterdir()} - {EMBEDDING}) == [
        "components.parquet",
        "head.npz",
        "model.keras",
        "model.tflite",
        "neighbours.npz",
        "phase1.keras",
        "phase1.parquet",
        "phase1.tflite",
        "phase1_head.npz",
        "predictions.parquet",
        "run.json",
        "strangers.parquet",
    ]
    record = finished.record
    assert record.base is not None
    assert record.base.source == "file"
    assert finished.fingerprint == dataset.fingerprint
    assert finished.test.n == len(dataset.split("test"))
    spent = record.timings.to_dict()
    assert list(spent) == ["features", "phase1", "phase2", "finishing", "total"]
    assert spent.pop("total") == pytest.approx(sum(spent.values()))


def test_predictions_are_the_held_out_photos_and_agree_with_the_figures(
    finished: Run, dataset: Dataset
) -> None:
    table = finished.predictions()
    held_out = dataset.table[dataset.table["split"] != "train"]
    assert sorted(table["file"]) == sorted(held_out["file"])
    test = table[table["split"] == "test"]
    assert (test["label"] == test["predicted"]).mean() == finished.test.accuracy
    true = [row[label] for row, label in zip(test["probabilities"], test["label"], strict=True)]
    assert -np.log(true).mean() == pytest.approx(finished.test.loss, rel=1e-4)
    validation = table[table["split"] == "validation"]
    assert (validation["score"] >= finished.threshold).mean() >= 0.95


def test_predictions_of_phase_1_are_kept_beside_those_at_the_end(finished: Run) -> None:
    before, after = pd.read_parquet(finished.file("phase1.parquet")), finished.predictions()
    assert before.columns.tolist() == after.columns.tolist()
    assert before["file"].tolist() == after["file"].tolist()
    validation = before[before["split"] == "validation"]
    accuracy = (validation["label"] == validation["predicted"]).mean()
    end_of_phase_1 = finished.history[finished.history["phase"] == 1].iloc[-1]
    assert accuracy == pytest.approx(end_of_phase_1["val_accuracy"])
    assert not np.array_equal(before["score"], after["score"])


def test_the_recorded_command_makes_the_run_again(finished: Run, tmp_path: Path) -> None:
    words = shlex.split(finished.record.command)
    assert words[:4] == ["python", "-m", "imgcls", "train"]
    said = subprocess.run(
        [sys.executable, *words[1:], "--json"],
        cwd=tmp_path,  # the photos and the weights are found from anywhere
        env={**os.environ, "IMGCLS_MODELS": str(tmp_path / "models"), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(said.stdout)["id"] == finished.id
    (again,) = store.readable(tmp_path / "models")
    assert again.record.command == finished.record.command
    np.testing.assert_array_equal(figures(again), figures(finished))


@pytest.fixture(scope="module")
def plain(begin: Callable[..., Run], tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The run `finished`, trained by Keras alone."""
    return begin(tmp_path_factory.mktemp("plain"), "engine=plain")


def test_engines_agree_within_one_percent(finished: Run, plain: Run) -> None:
    assert plain.id == finished.id  # one experiment, however it is computed
    assert plain.config.engine == "plain"
    for column in ("loss", "val_loss"):
        np.testing.assert_allclose(finished.history[column], plain.history[column], rtol=0.01)


@pytest.mark.parametrize("engine", ["finished", "plain"])
def test_frozen_layers_and_moving_statistics_stay_bit_equal(
    request: pytest.FixtureRequest, engine: str
) -> None:
    run: Run = request.getfixturevalue(engine)
    before, after = (
        keras.saving.load_model(run.file(name), compile=False).layers[1]
        for name in ("phase1.keras", "model.keras")
    )
    moved = []
    for index, (old, new) in enumerate(zip(before.layers, after.layers, strict=True)):
        equal = [
            np.array_equal(a, b) for a, b in zip(old.get_weights(), new.get_weights(), strict=True)
        ]
        if isinstance(old, keras.layers.BatchNormalization):
            assert all(equal[2:]), f"{old.name}: moving statistics"
        if index < 130:
            assert all(equal), old.name
        moved += [old.name] if not all(equal) else []
    # Convolutions, and scales and shifts of the normalizations, above the boundary.
    assert {"block_14_project", "block_14_project_BN", "Conv_1", "Conv_1_bn"} <= set(moved)


@pytest.mark.slow
def test_with_batch_norm_in_training_mode_the_engines_agree_and_statistics_move(
    dataset: Dataset, base_weights: Path
) -> None:
    weights = find_base_weights(32, base_weights)
    settings = [*TINY, "batch_norm=training", "initial_epochs=1", "fine_tune_epochs=1"]

    def learner(*more: str) -> Learner:
        config = with_settings(PRESETS["paper"], [*settings, *more])
        return build(config, dataset, weights, lambda done, total: None)

    cached = learner()
    base: Any = find_base(cached.model)
    moves = {"block_14_expand_BN": False, "block_16_project_BN": True}
    before = {name: base.get_layer(name).moving_mean.numpy() for name in moves}
    np.testing.assert_allclose(losses(cached), losses(learner("engine=plain")), rtol=0.01)
    for name, moved in moves.items():
        now = base.get_layer(name).moving_mean.numpy()
        assert np.array_equal(before[name], now) != moved, name


def test_label_noise_is_for_training_alone_and_its_losses_are_kept(
    begin: Callable[..., Run], finished: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    noisy = begin(tmp_path, "label_noise=50")
    assert noisy.predictions()["label"].tolist() == finished.predictions()["label"].tolist()
    assert not np.array_equal(figures(noisy), figures(finished))
    table = pd.read_parquet(noisy.file("training.parquet"))
    wrong = table["label"] != table["given_label"]
    assert 0.3 < wrong.mean() < 0.7
    assert not finished.file("training.parquet").exists()
    photos = [drawn_photos / file for file in table["file"]]
    logits = np.array(list(Predictor(noisy).logits(photos)))
    expected = metrics.losses(logits, table["given_label"].to_numpy())
    np.testing.assert_allclose(table["loss"], expected, atol=0.01)


def test_finished_run_is_loaded_not_trained(begin: Callable[..., Run], finished: Run) -> None:
    events: list[Any] = []
    again = begin(finished.path.parent, on_event=events.append)
    assert (again.record, events) == (finished.record, [])


@pytest.fixture(scope="module")
def uninterrupted(begin: Callable[..., Run], once: Once) -> Run:
    """What those that are stopped or killed become, trained in one go."""

    def make(folder: Path) -> None:
        begin(folder, *INTERRUPTED)

    (run,) = store.readable(once("uninterrupted", make))
    return run


def test_stopped_in_each_phase_and_resumed_is_as_if_never_stopped(
    begin: Callable[..., Run], uninterrupted: Run, tmp_path: Path
) -> None:
    for epoch in (1, 31):  # one of each phase
        now: list[Event] = []
        stopped = begin(
            tmp_path / "stopped",
            *INTERRUPTED,
            on_event=now.append,
            should_stop=lambda now=now, epoch=epoch: (
                isinstance(now[-1], TrainingStep) and now[-1].epoch == epoch
            ),
        )
        assert stopped.status == "stopped"
        assert len(stopped.record.history) == epoch - 1
    # However it is gone on with, a run keeps its engine.
    resumed = begin(tmp_path / "stopped", *INTERRUPTED, "engine=plain")
    assert (resumed.path, resumed.status) == (stopped.path, "finished")
    assert resumed.config.engine == "cached"
    np.testing.assert_allclose(figures(resumed), figures(uninterrupted), atol=1e-4)


def test_stop_while_the_frozen_layers_are_computed(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path / "cache"))
    stopped = begin(tmp_path / "models", should_stop=lambda: True)
    assert (stopped.status, stopped.record.history) == ("stopped", ())


@pytest.mark.slow
def test_killed_in_both_phases_and_resumed_is_as_if_never_killed(
    base_weights: Path, drawn_photos: Path, uninterrupted: Run, tmp_path: Path
) -> None:
    settings = (f"--set={setting}" for setting in (*TINY, *INTERRUPTED))
    command = [sys.executable, "-m", "imgcls", "train", "--data", str(drawn_photos)]
    command += ["--weights", str(base_weights), *settings]
    environment = {**os.environ, "IMGCLS_MODELS": str(tmp_path)}

    for phase, epoch in ((1, 2), (2, 31)):
        killed = subprocess.Popen(
            command,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        run = wait_for_epoch(tmp_path, epoch)
        os.kill(killed.pid, signal.SIGKILL)
        killed.wait()
        found = load_run(run.path)
        assert found.status == "interrupted"
        assert found.record.history[-1].phase == phase

    resume = [*command, "--resume", run.id]
    subprocess.run(resume, env=environment, check=True, capture_output=True)
    resumed = load_run(run.path)
    assert (resumed.id, resumed.status) == (uninterrupted.id, "finished")
    np.testing.assert_allclose(figures(resumed), figures(uninterrupted), atol=1e-4)


def wait_for_epoch(models: Path, epoch: int) -> Run:
    """Return the run in `models` once it has finished that epoch."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        for run in store.list_runs(models):
            if isinstance(run, Run) and len(run.record.history) >= epoch:
                return run
        time.sleep(0.01)
    raise AssertionError("training did not get there")


@pytest.mark.slow
def test_full_disk_is_one_sentence_and_loses_nothing(
    begin: Callable[..., Run], base_weights: Path, drawn_photos: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "imgcls", "train", "--data", str(drawn_photos)]
    command += ["--weights", str(base_weights), *(f"--set={setting}" for setting in TINY)]
    environment = {**os.environ, "IMGCLS_MODELS": str(tmp_path)}
    # No file may become larger than 5 MB; a checkpoint is.
    limit = f"ulimit -f 5000; exec {shlex.join(command)}"
    full = subprocess.run(
        ["bash", "-c", limit], env=environment, capture_output=True, text=True, check=False
    )
    assert full.returncode == 1
    assert full.stderr.splitlines()[-1].startswith("imgcls: File too large")
    assert "Traceback" not in full.stderr
    (run,) = store.list_runs(tmp_path)
    assert isinstance(run, Run)
    assert run.status == "failed"
    assert not list(tmp_path.rglob(".*checkpoint*")) + list(tmp_path.rglob(".*state*"))
    done = begin(tmp_path)
    assert (done.path, done.status) == (run.path, "finished")


@pytest.mark.slow
def test_signals_stop_and_what_is_said_goes_on(base_weights: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "imgcls", "train", "--data", "digits"]
    command += ["--weights", str(base_weights), "--set=batch_size=4", "--set=image_size=32"]
    command.append("--set=initial_epochs=100")
    epochs = 0
    for number in (signal.SIGINT, signal.SIGTERM):
        process = subprocess.Popen(
            [*command, "--json"],
            env={**os.environ, "IMGCLS_MODELS": str(tmp_path)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        run = wait_for_epoch(tmp_path, epochs + 1)
        process.send_signal(number)
        out, err = process.communicate(timeout=20)  # of some minutes that were left
        assert process.returncode == 1
        assert json.loads(out)["status"] == load_run(run.path).status == "stopped"
        epochs = len(load_run(run.path).record.history)
        going_on = err.splitlines()[-1].removeprefix("Stopped. To go on: ")
        assert shlex.split(going_on)[1:] == [
            *("-m", "imgcls", "train", "--resume", run.id),
            *("--data", "digits", "--weights", str(base_weights)),
        ]
        command = [sys.executable, *shlex.split(going_on)[1:]]


def test_only_one_training_at_a_time(
    begin: Callable[..., Run], tmp_path: Path, finished: Run
) -> None:
    put(
        tmp_path / "paper-00000000",
        finished.record,
        name="lesson 3",
        status="running",
        process=ProcessId.of(),
    )
    with (
        filelock.FileLock(tmp_path / ".training.lock"),
        pytest.raises(TrainingError, match=f"held by lesson 3 \\(process {os.getpid()}\\)"),
    ):
        begin(tmp_path)


def test_resume_with_other_photos_is_refused(
    finished: Run, base_weights: Path, tmp_path: Path
) -> None:
    for shape in ("bar", "disc", "square"):
        for number in range(10):
            path = tmp_path / "other" / shape / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            draw_shape(shape, np.random.default_rng(number)).save(path)
    with pytest.raises(TrainingError, match=r"was begun with other photos, of shapes .* --data"):
        train(
            finished.config,
            open_dataset(tmp_path / "other"),
            finished.path.parent,
            preset="paper",
            weights_file=base_weights,
            resume=finished,
        )


def test_resume_with_another_recipe_or_base_says_so(
    begin: Callable[..., Run], finished: Run
) -> None:
    models = finished.path.parent
    with pytest.raises(TrainingError, match=r"dropout=0\.2, received dropout=0\.5: a run keeps"):
        begin(models, "dropout=0.5", resume=finished)
    assert finished.record.base is not None
    other = msgspec.structs.replace(finished.record.base, sha256="00ff", note="other ones")
    with pytest.raises(TrainingError, match=r"other base weights \(SHA-256 00ff: other ones\)"):
        begin(models, resume=changed(finished, base=other))


def test_an_experiment_in_a_folder_of_a_former_version_is_loaded(
    begin: Callable[..., Run], finished: Run, dataset: Dataset, tmp_path: Path
) -> None:
    content = finished.record.to_dict()
    id, _ = content.pop("id"), content.pop("former_ids")
    write_json(tmp_path / "paper-89abcdef" / "run.json", {**content, "schema": 1})
    events: list[Any] = []
    found = begin(tmp_path, on_event=events.append)
    assert (found.id, found.path.name, events) == (id, "paper-89abcdef", [])


def test_names_are_one_run_each_and_without_blanks_around_them(
    begin: Callable[..., Run], finished: Run, tmp_path: Path
) -> None:
    copied(finished, tmp_path / finished.id, id=finished.id)
    put(tmp_path / "other", name="mine")
    assert begin(tmp_path, name="  padded  ").record.name == "padded"
    assert begin(tmp_path, name="padded").record.name == "padded"
    with pytest.raises(RunError, match="Another run is called mine already"):
        begin(tmp_path, name="mine")
    assert load_run(tmp_path / finished.id).record.name == "padded"


def test_a_run_that_was_moved_still_answers(finished: Run, tmp_path: Path) -> None:
    elsewhere = tmp_path / "another machine"
    shutil.copytree(finished.path.parent, elsewhere)
    moved = store.default(elsewhere)
    assert moved.id == finished.id
    photo = next((Path(finished.record.command.split("--data ")[1].split()[0])).rglob("*.png"))
    before, after = (Predictor(run).predict(photo) for run in (finished, moved))
    assert before.top == after.top


def test_failure_is_recorded_with_its_reason(
    begin: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgcls.training.features.MAX_BYTES", 1000)
    with pytest.raises(ConfigError):
        begin(tmp_path)
    (run,) = store.list_runs(tmp_path)
    assert isinstance(run, Run)
    assert (run.status, run.record.process) == ("failed", None)
    assert run.record.error is not None
    assert "give a higher layer" in run.record.error


def test_a_network_from_scratch_trains_and_resumes(dataset: Dataset, tmp_path: Path) -> None:
    """With normalization, crops and a rate that change from step to step."""
    config = with_settings(
        PRESETS["scratch-residual"], ["image_size=32", "initial_epochs=4", "batch_size=16"]
    )
    now: list[Event] = []
    stopped = train(
        config,
        dataset,
        tmp_path / "stopped",
        preset="scratch-residual",
        on_event=now.append,
        should_stop=lambda: isinstance(now[-1], TrainingStep) and now[-1].epoch == 3,
    )
    assert stopped.status == "stopped"
    resumed = train(config, dataset, tmp_path / "stopped", preset="scratch-residual")
    whole = train(config, dataset, tmp_path / "whole", preset="scratch-residual")
    assert whole.record.base is None
    assert not whole.file("phase1.keras").exists()
    assert whole.history["loss"].iloc[-1] < whole.history["loss"].iloc[0]
    np.testing.assert_allclose(figures(resumed), figures(whole), atol=1e-4)


def test_offline_the_base_comes_out_of_a_finished_run(
    finished: Run,
    dataset: Dataset,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(finished.path, tmp_path / "models" / finished.path.name)
    first = load_run(tmp_path / "models" / finished.path.name)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    pretrained = mobilenet_v2.NETWORK.pretrained
    monkeypatch.setitem(vars(pretrained), "url", "http://127.0.0.1:1/")
    assert find_run(first.config, dataset, tmp_path / "models", preset="paper") == first
    changed: TrainConfig = with_settings(first.config, ["dense_units=32"])
    assert find_run(changed, dataset, tmp_path / "models", preset="paper") is None
    asked = partial(with_new_seed, dataset=dataset, models=tmp_path / "models", preset="paper")
    assert asked(first.config) == replace(first.config, seed=first.config.seed + 1)
    assert asked(changed) == changed
    second = train(changed, dataset, tmp_path / "models", preset="paper")
    assert first.record.base is not None
    assert second.record.base == msgspec.structs.replace(first.record.base, source="run")
    # The same experiment has the same id and history, wherever the base was found.
    first.path.rename(tmp_path / "elsewhere")
    again = train(first.config, dataset, tmp_path / "models", preset="paper")
    assert again.id == first.id
    np.testing.assert_allclose(figures(again), figures(first), atol=1e-4)
