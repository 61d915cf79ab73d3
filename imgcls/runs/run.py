"""A run folder: one experiment with its recipe, its provenance, its history and its results."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgcls._utils.files import replacing, write_json
from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig
from imgcls.errors import ImgclsError
from imgcls.networks.weights import BaseWeights
from imgcls.runs.files import (
    EMBEDDING,
    EVENTS,
    OUT_OF_DISTRIBUTION,
    PHASE_1_PREDICTIONS,
    PREDICTIONS,
    PROGRAM,
    RECORD,
    TRAINING_LOSSES,
)

if TYPE_CHECKING:
    import pandas as pd


SCHEMA = 1
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

        Columns: kind (see `imgcls.data.ood`, and "left-out classes"), predicted, probability
        (before calibration), score.

        Raises:
            RunError: the run has none.
        """
        return self._table(OUT_OF_DISTRIBUTION)

    def predictions_of_phase_1(self) -> "pd.DataFrame":
        """Return `predictions` as they were at the end of phase 1, in the same order.

        Raises:
            RunError: the run has none.
        """
        return self._table(PHASE_1_PREDICTIONS)

    def embedding(self) -> "pd.DataFrame":
        """Return the map of photos as the finished network sees them.

        See `imgcls.evaluation.projection`.

        Columns: x, y, split. First come those of `imgcls.inference.neighbors` (split
        "train"), then those of `predictions`, each in their own order.

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
        return self._table(TRAINING_LOSSES)

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


def new_run_id(preset: str, config: TrainConfig, fingerprint: str, base: BaseWeights | None) -> str:
    """Return the preset's name with a short hash over what makes the experiment."""
    identity = {
        "config": config.to_dict(),
        "data": fingerprint,
        "base": base.sha256 if base else None,
    }
    digest = hashlib.sha256(json.dumps(identity, sort_keys=True).encode()).hexdigest()
    return f"{preset}-{digest[:8]}"


def load_run(path: Path) -> Run:
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


def write_run(run: Run) -> None:
    """Write the run's record in one step. Raises OSError."""
    write_json(run.file(RECORD), run.record)


def write_table(run: Run, name: str, table: "pd.DataFrame") -> None:
    """Write one of the run's Parquet files in one step. Raises OSError."""
    with replacing(run.file(name)) as temporary:
        table.to_parquet(temporary, index=False)


def valid_name(name: str) -> bool:
    """Return whether `name` may be given to a run: a short line without control characters."""
    return bool(re.fullmatch(r"[^\x00-\x1f\x7f]{1,80}", name.strip()))
