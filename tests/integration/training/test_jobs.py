import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from imgcls.config import TrainConfig, with_settings
from imgcls.networks.weights import keras_path
from imgcls.paths import DIGITS
from imgcls.presets import PRESETS
from imgcls.runs import events, manage, store
from imgcls.runs.run import Run, RunError
from imgcls.training import jobs
from tests.support.repository import ROOT
from tests.support.runs import put

KEPT = "kept"  # folder of a run that lay there before
SECONDS = 240  # a process that imports TensorFlow, on a machine that is busy with other tests


@pytest.fixture
def models(tmp_path: Path, base_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder of runs, with base weights where Keras looks for them."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    weights = keras_path(32)
    weights.parent.mkdir(parents=True)
    shutil.copy(base_weights, weights)
    yield tmp_path / "models"
    jobs.stop(tmp_path / "models")


def recipe(*settings: str) -> TrainConfig:
    return with_settings(PRESETS["paper"], ["image_size=32", *settings])


def wait(condition: Callable[[], object]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "that took too long"
        time.sleep(0.02)


def stage(models: Path) -> str | None:
    run = store.running(models)
    return events.read_progress(run).stage if run else None


def processes_that_wait() -> list[psutil.Process]:
    return [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and "imgcls.training.warm" in child.cmdline()
    ]


def only_run(models: Path) -> Run:
    """Return the run that is trained, which is not the one that lay there before."""
    (run,) = (run for run in store.list_runs(models) if run.path.name != KEPT)
    assert isinstance(run, Run)
    return run


@pytest.mark.slow
def test_it_is_stopped_killed_and_resumed_to_its_end(
    models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That its history is then as if nothing had happened: see test_train.py."""
    monkeypatch.setenv("IMGCLS_WARM", "on")
    config = recipe("initial_epochs=2", "fine_tune_epochs=3")
    kept = put(models / KEPT)
    jobs.prepare(models)
    jobs.prepare(models)
    (ready,) = processes_that_wait()
    assert jobs.current(models) is None
    assert store.running(models) is None
    begun = jobs.start_training(models, DIGITS, "paper", config, name="in the end")
    assert begun.pid == ready.pid
    assert jobs.current(models) is not None
    with pytest.raises(jobs.JobError, match="a run that is about to begin"):
        jobs.start_training(models, DIGITS, "paper", config)
    manage.star(kept, starred=True)
    assert not jobs.ending(models), "another run was starred, this one has not begun"

    wait(lambda: stage(models) == "training")
    assert not jobs.ending(models)
    run = only_run(models)
    with pytest.raises(jobs.JobError, match=r"in the end .* is under way"):
        jobs.resume_training(models, DIGITS, run.id)
    began = time.monotonic()
    jobs.stop(models)
    assert time.monotonic() - began < jobs.SECONDS_TO_STOP + 2  # what a busy machine may add
    assert jobs.current(models) is None
    assert jobs.error(models) is None
    assert only_run(models).status in ("stopped", "interrupted")  # the latter when it was killed

    jobs.resume_training(models, DIGITS, run.id)
    wait(lambda: store.running(models) and len(only_run(models).record.history) == 3)
    job = jobs.current(models)
    assert job
    process = job.find()
    assert process
    process.kill()
    assert_killed(models)
    assert only_run(models).status == "interrupted"

    jobs.resume_training(models, DIGITS, run.id)
    wait(lambda: jobs.current(models) is None)
    run = only_run(models)
    assert (run.status, run.title) == ("finished", "in the end")
    assert run.history["epoch"].tolist() == [1, 2, 3, 4, 5]


def assert_killed(models: Path) -> None:
    """Expect the job to have been killed, and the page to say so and what to do."""
    wait(lambda: jobs.current(models) is None and "signal 9" in (jobs.error(models) or ""))
    message = jobs.error(models)
    assert message
    assert "killed by signal 9 (SIGKILL), most often because the machine ran out of" in message
    assert "Resume goes on from there" in message
    # A server that was started meanwhile has never asked how it ended.
    job = (models / jobs.JOB).read_text()
    (models / jobs.JOB).write_text(json.dumps({**json.loads(job), "exit_code": None}))
    assert "killed by something" in (jobs.error(models) or "")


def test_one_that_was_ended_while_it_waited_is_not_waited_for(
    models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_WARM", "on")
    jobs.prepare(models)
    (killed,) = processes_that_wait()
    killed.kill()
    wait(lambda: not processes_that_wait())
    job = jobs.start_training(models, str(tmp_path / "nowhere"), "paper", recipe())
    assert job.pid != killed.pid
    wait(lambda: jobs.current(models) is None)
    assert "There are no photos at" in (jobs.error(models) or "")


def test_it_waits_no_longer_than_who_might_use_it(tmp_path: Path) -> None:
    program = (
        "from pathlib import Path; from imgcls.training import jobs, warm;"
        "jobs.prepare(Path('models')); print(warm._waiting.process.pid)"
    )
    said = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "IMGCLS_WARM": "on", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(said.stdout)).wait(SECONDS)


def test_the_reason_of_a_failure_is_kept_for_the_page(models: Path, tmp_path: Path) -> None:
    assert jobs.error(models) is None
    jobs.start_training(models, str(tmp_path / "nowhere"), "paper", recipe())
    wait(lambda: jobs.current(models) is None)
    message = jobs.error(models)
    assert message
    assert "There are no photos at" in message

    keras_path(32).write_text("not weights")
    jobs.start_training(models, DIGITS, "paper", recipe())
    wait(lambda: jobs.current(models) is None)
    message = jobs.error(models)
    assert message
    assert "cannot be read as weights of MobileNetV2" in message
    assert only_run(models).status == "failed"


def test_stopping_when_nothing_is_under_way_does_nothing(models: Path) -> None:
    jobs.stop(models)
    assert jobs.current(models) is None


def test_a_name_that_is_taken_is_refused_before_anything_starts(models: Path) -> None:
    put(models / "kept", name="mine")
    with pytest.raises(RunError, match="Another run is called mine already"):
        jobs.start_training(models, DIGITS, "paper", recipe(), name=" mine ")
    assert jobs.current(models) is None
