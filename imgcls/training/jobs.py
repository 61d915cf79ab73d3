"""Training as a process of its own: start it, watch it, stop it.

The process outlives the page, the browser and the server that started it; all that they share is
the folder of runs.
"""

import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

import filelock

from imgcls._utils import processes
from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig
from imgcls.errors import ImgclsError
from imgcls.runs import store
from imgcls.runs.files import RECORD

JOB = ".job.json"
JOB_LOCK = ".job.lock"
LOG = ".job.log"
SECONDS_TO_STOP = 1.5  # after that the process is killed; it goes on from its last checkpoint


class JobError(ImgclsError):
    """A training that cannot be started; the message is for people."""


def allowed() -> bool:
    """Return whether the app may start trainings: not where ``IMGCLS_TRAINING`` is "off"."""
    return os.environ.get("IMGCLS_TRAINING", "on").lower() != "off"


def start_training(
    models: Path,
    data: str,
    preset: str,
    config: TrainConfig,
    name: str | None = None,
) -> ProcessId:
    """Start ``python -m imgcls train`` and return at once.

    Args:
        models: folder of runs.
        data: folder of the dataset, or "digits".
        preset: name that the run's id begins with.
        config: the recipe.
        name: a name for people.

    Raises:
        JobError: a training is under way, or none may be started here.
        OSError: the folder of runs cannot be written.
    """
    settings = [f"--set={key}={value}" for key, value in config.to_dict().items()]
    naming = [f"--name={name}"] if name else []
    return _start(models, ["train", "--data", data, "--preset", preset, *settings, *naming])


def resume_training(models: Path, data: str, run_id: str) -> ProcessId:
    """Continue an unfinished run. Raises as `start_training`."""
    return _start(models, ["train", "--data", data, "--resume", run_id])


def current(models: Path) -> ProcessId | None:
    """Return the job that is under way, or None."""
    job = _last(models)
    return job if job is not None and job.find() is not None else None


def ending(models: Path) -> bool:
    """Return whether the job under way has written its results and only has to exit."""
    job = current(models)
    if job is None or store.running(models) is not None:
        return False
    found = store.readable(models)
    return any(run.file(RECORD).stat().st_mtime > job.started for run in found)


def error(models: Path) -> str | None:
    """Return why the last job failed, or None when it is under way or ended well."""
    if _last(models) is None or current(models) is not None:
        return None
    try:
        lines = (models / LOG).read_text(errors="replace").splitlines()
    except OSError:
        return None
    # `imgcls.cli.main` ends with such a line when it cannot do what it was asked for.
    messages = [line.removeprefix("imgcls: ") for line in lines[-1:] if line.startswith("imgcls: ")]
    if messages:
        return messages[-1]
    crashed = any(line.startswith("Traceback") for line in lines)
    return f"Training failed; the details are in {models / LOG}." if crashed else None


def stop(models: Path) -> None:
    """Stop the job that is under way, if any, within about two seconds."""
    job = current(models)
    if job is not None:
        job.end(SECONDS_TO_STOP)


def _start(models: Path, arguments: list[str]) -> ProcessId:
    if not allowed():
        raise JobError("Trainings cannot be started on this server (IMGCLS_TRAINING is off).")
    models.mkdir(parents=True, exist_ok=True)
    # Two visitors may press the button at the same moment.
    with filelock.FileLock(models / JOB_LOCK):
        _require_free(models)
        with (models / LOG).open("wb") as log:
            process = processes.start(
                [sys.executable, "-m", "imgcls", *arguments, "--json"],
                log=log,
                env={**os.environ, "IMGCLS_MODELS": str(models)},
            )
        job = ProcessId.of(process.pid)
        write_json(models / JOB, asdict(job))
    return job


def _require_free(models: Path) -> None:
    run, job = store.running(models), current(models)
    if run is not None:
        who = store.holder(run)
    elif job is not None:
        who = f"a run that is about to begin (process {job.pid})"
    else:
        return
    raise JobError(f"One training at a time: {who} is under way. Wait for it or stop it.")


def _last(models: Path) -> ProcessId | None:
    try:
        return ProcessId(**json.loads((models / JOB).read_text()))
    except (OSError, ValueError, TypeError):
        return None
