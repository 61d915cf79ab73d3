"""A run folder: one experiment with its recipe, its provenance, its history and its results."""

import hashlib
import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgcls.backbone import BaseWeights, weights_size
from imgcls.config import TrainConfig
from imgcls.errors import ImgclsError
from imgcls.files import replacing, write_json
from imgcls.paths import DIGITS
from imgcls.processes import ProcessId

if TYPE_CHECKING:
    import pandas as pd  # only tables need it, and predicting starts without them

SCHEMA = 1
RECORD = "run.json"
EVENTS = "events.jsonl"
CHECKPOINT = "checkpoint"
PROGRAM = "model.tflite"
PREDICTIONS = "predictions.parquet"
HEAD = "head.npz"
NEIGHBOURS = "neighbours.npz"
STRANGERS = "strangers.parquet"
TRAINING = "training.parquet"
EMBEDDING = "embedding.parquet"
PHASE_1 = "phase1.parquet"
PREDICTED = ("validation", "test")  # splits, in the order of the tables of predictions
HISTORY = ("epoch", "phase", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


class RunError(ImgclsError):
    """A run that does not exist or cannot be read; the message is for people."""


@dataclass(frozen=True)
class Run:
    """A readable run folder. `record` is the content of its run.json."""

    path: Path
    record: dict[str, Any]

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.path.name

    @property
    def title(self) -> str:
        """The name its owner gave it, else its id."""
        return self.record.get("name") or self.id

    @property
    def starred(self) -> bool:
        """Whether somebody marked it as one to find again."""
        return bool(self.record.get("starred"))

    @property
    def config(self) -> TrainConfig:
        """The recipe."""
        return TrainConfig(**self.record["config"])

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        name: str = self.record["data"]["name"]
        return name

    @property
    def class_names(self) -> list[str]:
        """Names of the classes for people, in the order of the labels."""
        return [entry["name"] for entry in self.record["data"]["classes"]]

    @property
    def history(self) -> "pd.DataFrame":
        """One row an epoch: epoch, phase, loss, accuracy, val_loss, val_accuracy, seconds."""
        import pandas as pd

        return pd.DataFrame(self.record["history"], columns=list(HISTORY))

    @property
    def status(self) -> str:
        """One of running, stopped, interrupted, failed, finished.

        A run that says it is running while its process is gone was interrupted.
        """
        said: str = self.record["status"]
        if said == "running" and ProcessId(**self.record["process"]).find() is None:
            return "interrupted"
        return said

    @property
    def can_predict(self) -> bool:
        """Whether it is finished and has its program; some runs are shipped as tables alone."""
        return self.status == "finished" and self.file(PROGRAM).is_file()

    def file(self, name: str) -> Path:
        """Return the path of one of the run's files."""
        return self.path / name

    def predictions(self) -> "pd.DataFrame":
        """Return one row a validation or test photo.

        Columns: file, split, label, predicted, score, probabilities (an array per photo).

        Raises:
            RunError: the run has none.
        """
        return self._table(PREDICTIONS)

    def strangers(self) -> "pd.DataFrame":
        """Return one row a picture that shows none of the classes.

        Columns: kind (see `imgcls.strangers`, and "left-out classes"), predicted, probability
        (before calibration), score.

        Raises:
            RunError: the run has none.
        """
        return self._table(STRANGERS)

    def predictions_of_phase_1(self) -> "pd.DataFrame":
        """Return `predictions` as they were at the end of phase 1, in the same order.

        Raises:
            RunError: the run has none.
        """
        return self._table(PHASE_1)

    def embedding(self) -> "pd.DataFrame":
        """Return the map of photos as the finished network sees them, see `imgcls.embedding`.

        Columns: x, y, split. First come those of `imgcls.neighbours` (split "train"), then those of
        `predictions`, each in their own order.

        Raises:
            RunError: the run has none.
        """
        return self._table(EMBEDDING)

    def training_losses(self) -> "pd.DataFrame":
        """Return one row a training photo of a run with wrong labels.

        Columns: file, label (the true one), given_label, loss (for the given one, at the end).

        Raises:
            RunError: the run has none.
        """
        return self._table(TRAINING)

    def _table(self, name: str) -> "pd.DataFrame":
        import pandas as pd

        path = self.file(name)
        try:
            return pd.read_parquet(path)
        except (OSError, ValueError) as error:
            raise RunError(f"{path} cannot be read: {error}") from error

    def events(self) -> Iterator[dict[str, Any]]:
        """Yield what training has reported, oldest first."""
        try:
            lines = self.file(EVENTS).read_text().splitlines()
        except FileNotFoundError:
            return
        for line in lines:
            try:
                yield json.loads(line)
            except json.JSONDecodeError:  # empty, or what a killed process was writing
                continue


@dataclass(frozen=True)
class BrokenRun:
    """A folder among the runs that cannot be read, and why."""

    path: Path
    reason: str

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.path.name


def run_id(preset: str, config: TrainConfig, fingerprint: str, base: BaseWeights | None) -> str:
    """Return the preset's name with a short hash over what makes the experiment."""
    identity = {
        "config": config.to_dict(),
        "data": fingerprint,
        "base": base.sha256 if base else None,
    }
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return f"{preset}-{digest[:8]}"


def load(path: Path) -> Run:
    """Read a run folder. Raises RunError when there is none or its run.json cannot be used."""
    record_path = path / RECORD
    try:
        record = json.loads(record_path.read_bytes())
    except FileNotFoundError:
        raise RunError(f"{path} holds no {RECORD}.") from None
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{record_path} cannot be read: {error}") from error
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        raise RunError(f"{record_path} is not a run of this version (schema {SCHEMA}).")
    run = Run(path, record)
    try:
        _check(run)
    except (KeyError, TypeError, ValueError) as error:
        raise RunError(f"{record_path} is incomplete: {error!r}") from error
    return run


def _check(run: Run) -> None:
    record = run.record
    _ = run.config, run.class_names, run.status, datetime.fromisoformat(record["created"])
    _ = [record[key] for key in ("preset", "base", "history", "test", "timings")]
    _ = [record["data"][key] for key in ("name", "fingerprint", "counts")]
    if record["status"] == "finished":
        _ = record["test"]["interval"], record["threshold"], record["temperature"]


def find(models: Path, name: str) -> Run:
    """Return the run with this id or given name. Raises RunError, listing those there are."""
    runs = readable(models)
    for run in runs:
        if name in (run.id, run.record.get("name")):
            return run
    if (models / name / RECORD).exists() and Path(name).name == name:
        return load(models / name)
    known = ", ".join(run.id for run in runs) or "none; train one with `python -m imgcls train`"
    raise RunError(f"There is no run {name!r} in {models}. Runs: {known}.")


def default(models: Path, preset: str | None = None) -> Run:
    """Return the run that answers when none is named. Raises RunError when there is none.

    Args:
        models: folder of runs.
        preset: only runs of this preset; None for any.

    Of the finished ones that can predict: photos before digits, the whole task before one with
    classes left out or wrong labels, then 224 px before 160 px before the small CNN, then the
    newest.
    """
    able = [
        run
        for run in readable(models)
        if run.can_predict and preset in (None, run.record["preset"])
    ]
    if not able:
        which = f" --preset {preset}" if preset else ""
        raise RunError(
            f"There is no finished run in {models}: train one with `python -m imgcls train{which}`."
        )
    # min() keeps the first of equals, and these have the newest first.
    return min(able, key=_rank)


def _rank(run: Run) -> tuple[bool, bool, bool, int]:
    config = run.config
    return (
        run.dataset == DIGITS,
        bool(config.left_out_classes or config.label_noise),
        config.architecture == "small_cnn",
        -config.image_size,
    )


def list_runs(models: Path) -> list[Run | BrokenRun]:
    """Return all run folders, the newest first, broken ones last."""
    if not models.is_dir():
        return []
    found: list[Run] = []
    broken: list[BrokenRun] = []
    for path in sorted(models.iterdir()):
        if not path.is_dir() or path.name.startswith("."):
            continue
        try:
            found.append(load(path))
        except RunError as error:
            broken.append(BrokenRun(path, str(error)))
    found.sort(key=lambda run: run.record["created"], reverse=True)
    return [*found, *broken]


def readable(models: Path) -> list[Run]:
    """Return the runs that can be read, the newest first."""
    return [run for run in list_runs(models) if isinstance(run, Run)]


def running(models: Path) -> Run | None:
    """Return the run that is being trained, or None."""
    return next((run for run in readable(models) if run.status == "running"), None)


def holder(run: Run) -> str:
    """Return the name of a run that is being trained, with its process, for people."""
    return f"{run.title} (process {run.record['process']['pid']})"


def shipped_base(models: Path, image_size: int) -> BaseWeights | None:
    """Return the frozen base inside a finished run, if one has that for this image size."""
    for run in readable(models):
        if run.status != "finished" or not run.record["base"]:
            continue
        model = run.file("phase1.keras")
        if weights_size(run.config.image_size) == weights_size(image_size) and model.is_file():
            base = run.record["base"]
            return BaseWeights("run", model, base["sha256"], base["note"])
    return None


def write(run: Run) -> None:
    """Write the run's record in one step. Raises OSError."""
    write_json(run.file(RECORD), run.record)


def write_table(run: Run, name: str, table: "pd.DataFrame") -> None:
    """Write one of the run's Parquet files in one step. Raises OSError."""
    with replacing(run.file(name)) as temporary:
        table.to_parquet(temporary, index=False)


def append_event(run: Run, event: dict[str, Any]) -> None:
    """Add a line to the run's events. Raises OSError."""
    with run.file(EVENTS).open("a") as file:
        # The break comes first: it also ends the line that a killed process left unfinished.
        file.write("\n" + json.dumps(event))


def remove_progress(run: Run) -> None:
    """Delete what only an unfinished run needs."""
    run.file(EVENTS).unlink(missing_ok=True)
    shutil.rmtree(run.file(CHECKPOINT), ignore_errors=True)


def valid_name(name: str) -> bool:
    """Return whether `name` may be given to a run: a short line without control characters."""
    return bool(re.fullmatch(r"[^\x00-\x1f\x7f]{1,80}", name.strip()))
