"""Training as a process of its own: start it, watch it, stop it.

The process outlives the page, the browser and the server that started it; all that they share is
the folder of runs.
"""

import os
import signal
import sys
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

import filelock
import msgspec

from imgcls._utils import processes
from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig
from imgcls.errors import ImgclsError
from imgcls.runs import manage, store
from imgcls.training import stage, warm

JOB = ".job.json"
JOB_LOCK = ".job.lock"
LOG = ".job.log"
SECONDS_TO_STOP = 1.5  # after that the process is killed; it goes on from its last checkpoint


class JobError(ImgclsError):
    """A training that cannot be started; the message is for people."""


@dataclass(frozen=True)
class Job:
    """The training that was started last.

    Attributes:
        process: the one that trains.
        stopped: whether somebody has asked it to stop.
        exit_code: how it ended, negative for a signal; None while it goes on, or not known.
    """

    process: ProcessId
    stopped: bool = False
    exit_code: int | None = None


def allowed() -> bool:
    """Return whether the app may start trainings: not where ``IMGCLS_TRAINING`` is "off"."""
    return os.environ.get("IMGCLS_TRAINING", "on").lower() != "off"


def prepare(models: Path) -> None:
    """Have TensorFlow loaded for a training that may soon be started, see `warm`."""
    if allowed():
        warm.prepare(models, partial(_note_exit, models))


def start_training(
    models: Path,
    data: str,
    preset: str,
    config: TrainConfig,
    name: str | None = None,
    *,
    start_from: str | None = None,
) -> ProcessId:
    """Start ``python -m imgcls train`` and return at once, in the process that `prepare` has ready.

    Args:
        models: folder of runs.
        data: folder of the dataset, or "digits".
        preset: name that the run's id begins with.
        config: the recipe.
        name: a name for people.
        start_from: id of the finished run whose fine-tuned base it begins with, if any.

    Raises:
        RunError: another run has the name already.
        JobError: a training is under way, or none may be started here.
        OSError: the folder of runs cannot be written.
    """
    settings = [f"--set={key}={value}" for key, value in config.to_dict().items()]
    known = manage.free_name(models, name or "")
    naming = [f"--name={known}"] if known else []
    beginning = [f"--start-from={start_from}"] if start_from else []
    recipe = ["--preset", preset, *settings, *naming, *beginning]
    return _start(models, ["train", "--data", data, *recipe])


def resume_training(models: Path, data: str, run_id: str) -> ProcessId:
    """Continue an unfinished run. Raises as `start_training`."""
    return _start(models, ["train", "--data", data, "--resume", run_id])


def current(models: Path) -> ProcessId | None:
    """Return the job that is under way, or None."""
    job = _last(models)
    return job.process if job is not None and job.process.find() is not None else None


def ending(models: Path) -> bool:
    """Return whether the job under way has written its results and only has to exit."""
    job = current(models)
    return job is not None and stage.is_over(models, job)


def error(models: Path) -> str | None:
    """Return why the last job failed, or None when it is under way or ended well."""
    job = _last(models)
    if job is None or job.process.find() is not None or job.stopped:
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
    if crashed:
        return f"Training failed; the details are in {models / LOG}."
    return None if stage.is_over(models, job.process) else _how_it_was_ended(job.exit_code)


def _how_it_was_ended(code: int | None) -> str | None:
    if code is not None and code >= 0:
        return None
    # Nobody has asked how it ended when the server was started again meanwhile.
    by = "something" if code is None else f"signal {-code} ({signal.Signals(-code).name})"
    reason = {
        -signal.SIGKILL: ", most often because the machine ran out of memory",
        -signal.SIGSEGV: ", a fault inside a library",
    }.get(code or 0, "")
    return (
        f"Its process was killed by {by}{reason}. What it had saved is kept, and Resume goes on "
        "from there; should it end there again, use fewer or smaller photos or a smaller batch."
    )


def stop(models: Path) -> None:
    """Stop the job that is under way, if any, within about two seconds."""
    job = current(models)
    if job is not None:
        _write(models, Job(job, stopped=True))
        job.end(SECONDS_TO_STOP)


def _start(models: Path, arguments: list[str]) -> ProcessId:
    if not allowed():
        raise JobError("Trainings cannot be started on this server (IMGCLS_TRAINING is off).")
    models.mkdir(parents=True, exist_ok=True)
    # Two visitors may press the button at the same moment.
    with filelock.FileLock(models / JOB_LOCK):
        _require_free(models)
        arguments = [*arguments, "--json"]
        env = {**os.environ, "IMGCLS_MODELS": str(models)}
        with (models / LOG).open("wb") as log:
            process = warm.take(models, arguments, models / LOG, env) or processes.start(
                [sys.executable, "-m", "imgcls", *arguments],
                log=log,
                env=env,
                on_exit=partial(_note_exit, models),
            )
        job = ProcessId.of(process.pid)
        _write(models, Job(job))
    return job


def _note_exit(models: Path, pid: int, code: int) -> None:
    if not models.is_dir():  # somebody has deleted all runs meanwhile
        return
    with filelock.FileLock(models / JOB_LOCK):
        job = _last(models)
        if job is not None and job.process.pid == pid:
            _write(models, replace(job, exit_code=code))


def _require_free(models: Path) -> None:
    run, job = store.running(models), current(models)
    if run is not None:
        who = store.holder(run)
    elif job is not None:
        who = f"a run that is about to begin (process {job.pid})"
    else:
        return
    raise JobError(f"One training at a time: {who} is under way. Wait for it or stop it.")


def _last(models: Path) -> Job | None:
    try:
        return msgspec.json.decode((models / JOB).read_bytes(), type=Job)
    except (OSError, ValueError):
        return None


def _write(models: Path, job: Job) -> None:
    write_json(models / JOB, asdict(job))
