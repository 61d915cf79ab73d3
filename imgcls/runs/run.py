"""A run folder: one experiment with its recipe, its provenance, its history and its results."""

import hashlib
import io
import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import msgspec

from imgcls._utils.files import replacing, sha256, write_json
from imgcls._utils.names import dataset_title, titles
from imgcls.config import TrainConfig
from imgcls.errors import ImgclsError
from imgcls.presets import PRESETS, preset_title
from imgcls.runs.files import (
    COMPONENTS,
    EMBEDDING,
    OUT_OF_DISTRIBUTION,
    PHASE_1_PREDICTIONS,
    PREDICTIONS,
    PROGRAM,
    RECORD,
    TRAINING_LOSSES,
)
from imgcls.runs.identity import experiment_hash
from imgcls.runs.record import SCHEMA, Epoch, RunRecord, Scores, Status, parse

if TYPE_CHECKING:
    import pandas as pd


Result = TypeVar("Result")
FEW = 2  # changed settings that are told in a run's title
TOLD = ("image_size", "engine")  # the first stands there, the second changes no figure


class RunError(ImgclsError):
    """A run that does not exist or cannot be read; the message is for people."""


@dataclass(frozen=True)
class Run:
    """A readable run folder, and what its run.json said when it was read."""

    path: Path
    record: RunRecord

    @property
    def id(self) -> str:
        """Its id, which its folder need not be called by."""
        return self.record.id

    @property
    def title(self) -> str:
        """The name its owner gave it, else what it is: "Paper recipe, 160 px"."""
        return self.record.name or _described(self.record)

    @property
    def starred(self) -> bool:
        """Whether somebody marked it as one to find again."""
        return self.record.starred

    @property
    def config(self) -> TrainConfig:
        """The recipe."""
        return self.record.config

    @property
    def dataset(self) -> str:
        """Name of the dataset."""
        return self.record.data.name

    @property
    def dataset_title(self) -> str:
        """What people read for `dataset`."""
        return dataset_title(self.dataset)

    @property
    def fingerprint(self) -> str:
        """Fingerprint of the photos, see `imgcls.runs.record.Photos`."""
        return self.record.data.fingerprint

    @property
    def class_names(self) -> list[str]:
        """Names of the classes in files and addresses, in the order of the labels."""
        return [known.name for known in self.record.data.classes]

    @property
    def class_titles(self) -> list[str]:
        """What people read for `class_names`, see `imgcls._utils.names.titles`."""
        return titles(self.class_names)

    @property
    def history(self) -> "pd.DataFrame":
        """One row an epoch: epoch, phase, loss, accuracy, val_loss, val_accuracy, seconds."""
        import pandas as pd

        rows = [msgspec.structs.astuple(epoch) for epoch in self.record.history]
        return pd.DataFrame(rows, columns=list(Epoch.__struct_fields__))

    @property
    def test(self) -> Scores:
        """The figures on the test photos. Raises RunError when the run is not finished."""
        return self._result(self.record.test)

    @property
    def threshold(self) -> float:
        """Score from which on a photo counts as known. Raises RunError as `test`."""
        likeness = self.record.likeness
        return likeness.threshold if likeness else self.energy_threshold

    @property
    def energy_threshold(self) -> float:
        """The same for the negative energy, which needs no training photos. Raises as `test`."""
        return self._result(self.record.threshold)

    @property
    def temperature(self) -> float:
        """What the logits are divided by. Raises RunError as `test`."""
        return self._result(self.record.temperature)

    def _result(self, value: Result | None) -> Result:
        if value is None:
            raise RunError(f"{self.title} has no results yet: it is {self.status}.")
        return value

    @property
    def status(self) -> Status | Literal["interrupted"]:
        """One of running, stopped, interrupted, failed, finished.

        A run that says it is running while its process is gone was interrupted.
        """
        process = self.record.process
        if self.record.status == "running" and (process is None or process.find() is None):
            return "interrupted"
        return self.record.status

    @property
    def can_predict(self) -> bool:
        """Whether it is finished, has its program and can answer; see `no_answers`.

        Some runs are shipped as tables alone.
        """
        return self.status == "finished" and not self.no_answers and self.file(PROGRAM).is_file()

    @property
    def no_answers(self) -> str | None:
        """Why the answers of a finished run mean nothing, or None when they do."""
        return self.why_missing("answers")

    def why_missing(self, what: str) -> str | None:
        """Return why a finished run cannot have something, see `imgcls.runs.record.Missing`."""
        return next((known.why for known in self.record.missing if known.what == what), None)

    def file(self, name: str) -> Path:
        """Return the path of one of the run's files."""
        return self.path / name

    def content(self, name: str) -> bytes:
        """Return what one of the run's files holds.

        Raises:
            OSError: it cannot be read.
            RunError: it is not what training wrote.
        """
        found = self.file(name).read_bytes()
        self._require(name, hashlib.sha256(found).hexdigest())
        return found

    def checked(self, name: str) -> Path:
        """Return the path of one of the run's files. Errors as `content`."""
        path = self.file(name)
        self._require(name, sha256(path))
        return path

    def _require(self, name: str, found: str) -> None:
        if found != self.record.checksums.get(name, found):
            raise RunError(
                f"{self.file(name)} is damaged: it is not what training wrote. Bring it back from "
                f"a copy, or delete the run and make it again: {self.record.command}"
            )

    def predictions(self) -> "pd.DataFrame":
        """Return one row a validation or test photo.

        Columns: file, split, label, predicted, score, probabilities (an array per photo).

        Raises:
            RunError: the run has none.
        """
        return self._table(PREDICTIONS)

    def out_of_distribution(self) -> "pd.DataFrame":
        """Return one row a picture that shows none of the classes.

        Columns: kind (see `imgcls.data.ood`), predicted, probability (before calibration), score.

        Raises:
            RunError: the run has none.
        """
        from imgcls.data.ood import LEFT_OUT, LEFT_OUT_FORMERLY

        table = self._table(OUT_OF_DISTRIBUTION)
        return table.assign(kind=table["kind"].replace(LEFT_OUT_FORMERLY, LEFT_OUT))

    def predictions_of_phase_1(self) -> "pd.DataFrame":
        """Return `predictions` as they were at the end of phase 1, in the same order.

        Their score is the negative energy.

        Raises:
            RunError: the run has none.
        """
        return self._table(PHASE_1_PREDICTIONS)

    def components(self) -> "pd.DataFrame":
        """Return the principal components of photos' features, see `imgcls.evaluation.embedding`.

        Columns: one a component, and split; rows as `embedding`.

        Raises:
            RunError: the run has none.
        """
        return self._table(COMPONENTS)

    def embedding(self) -> "pd.DataFrame":
        """Return the map of photos as the finished network sees them.

        See `imgcls.evaluation.embedding`, which makes it when it is first looked at.

        Columns: x, y, split. First come those of `imgcls.inference.neighbors` (split
        "train"), then those of `predictions`, each in their own order.

        Raises:
            RunError: nobody has looked at it, or the run has none.
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

        try:
            return pd.read_parquet(io.BytesIO(self.content(name)))
        except (OSError, ValueError) as error:
            raise RunError(f"{self.file(name)} cannot be read: {error}") from error


@dataclass(frozen=True)
class BrokenRun:
    """A folder among the runs that cannot be read, and why."""

    path: Path
    reason: str

    @property
    def id(self) -> str:
        """Name of the folder."""
        return self.path.name


def load_run(path: Path) -> Run:
    """Read a run folder. Raises RunError when there is none or its run.json cannot be used."""
    record = path / RECORD
    try:
        state = record.stat()
    except FileNotFoundError:
        raise RunError(f"{path} holds no {RECORD}.") from None
    except OSError as error:
        raise RunError(f"{record} cannot be read: {error}") from error
    return Run(path, _read(record, state.st_ino, state.st_mtime_ns, state.st_size))


@lru_cache(maxsize=1000)  # pages ask for all runs several times whenever they are drawn
def _read(path: Path, inode: int, changed: int, size: int) -> RunRecord:  # noqa: ARG001, the key
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise RunError(f"{path} cannot be read: {error}") from error
    if not isinstance(content, dict) or content.get("schema") not in range(1, SCHEMA + 1):
        raise RunError(f"{path} is not a run of this version: its schema is none of 1 to {SCHEMA}.")
    try:
        record = parse(content)
        datetime.fromisoformat(record.created)
    except ValueError as error:
        raise RunError(f"{path} is incomplete: {error}") from error
    return record


def write_run(run: Run) -> None:
    """Write the run's record in one step. Raises OSError."""
    write_json(run.file(RECORD), run.record.to_dict())


def update(run: Run, **changes: Any) -> Run:
    """Change some of what a run's record says, and write it.

    What else the folder says stays: whoever trains the run and whoever names it meanwhile do not
    undo each other's changes.

    Args:
        run: the run.
        changes: attributes of `imgcls.runs.record.RunRecord`.

    Returns:
        The run as it is now.

    Raises:
        OSError: the run cannot be written.
    """
    import filelock  # takes a tenth of the time in which a photo is predicted

    with filelock.FileLock(run.path.parent / ".records.lock"):
        try:
            record = load_run(run.path).record
        except RunError:  # new, or damaged meanwhile: what was read is known to be right
            record = run.record
        changed = Run(run.path, msgspec.structs.replace(record, **changes))
        write_run(changed)
    return changed


def write_table(run: Run, name: str, table: "pd.DataFrame") -> None:
    """Write one of the run's Parquet files in one step. Raises OSError."""
    with replacing(run.file(name)) as temporary:
        table.to_parquet(temporary, index=False)


def valid_name(name: str) -> bool:
    """Return whether `name` may be given to a run: a short line without control characters."""
    return bool(re.fullmatch(r"[^\x00-\x1f\x7f]{1,80}", name.strip()))


def _described(record: RunRecord) -> str:
    """Return a run's recipe in words, and how it differs from its preset's."""
    words = [f"{preset_title(record.preset)} recipe"]
    words.append(f"{record.config.image_size} px")
    if (preset := PRESETS.get(record.preset)) is not None:
        own = record.config.to_dict()
        usual = preset.for_photos(record.data.count("train")).to_dict()
        changed = [name for name in own if own[name] != usual[name] and name not in TOLD]
        if len(changed) > FEW:
            words.append(f"changed ({experiment_hash(record.id) or record.id})")
            changed = []
        words += [f"{name.replace('_', ' ')} {own[name]}" for name in changed]
    return ", ".join(words)
