"""What a training reports while it runs, and how far that is."""

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import msgspec

from imgcls.runs.files import CHECKPOINT, EVENTS
from imgcls.runs.record import Epoch, Status
from imgcls.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd  # only curves need it, and the rest of this room starts without

Stage = Literal["preparing", "features", "training", "finishing"]


class StatusChanged(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="status"):
    """Training has begun, or has ended in one way or another."""

    status: Status


class FeaturesStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="features"):
    """The frozen layers are computed for `done` of `total` photos."""

    done: int
    total: int


class TrainingStep(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="step"):
    """Some steps of an epoch are done.

    Attributes:
        phase: number of the phase.
        epoch: number of the epoch, counted over the phases.
        done: photos of the epoch that have been learned, of `total`.
        total: see `done`.
        loss: mean over the photos done.
        accuracy: share of the photos done that were right.
        seconds_left: in the phase.
    """

    phase: int
    epoch: int
    done: int
    total: int
    loss: float
    accuracy: float
    seconds_left: float


class EpochEnded(msgspec.Struct, frozen=True, kw_only=True, tag_field="event", tag="epoch"):
    """An epoch is over, with the row that the history gets."""

    row: Epoch


class Finishing(msgspec.Struct, frozen=True, tag_field="event", tag="finishing"):
    """The last epoch is over, results are being written."""


Event = StatusChanged | FeaturesStep | TrainingStep | EpochEnded | Finishing


@dataclass(frozen=True)
class Logged:
    """An event, and when it was written, in seconds since the epoch."""

    time: float
    event: Event


@dataclass(frozen=True, eq=False)
class Progress:
    """A training as its newest events tell it.

    Attributes:
        stage: preparing (the model is built), features (the frozen layers are computed), training
            or finishing (results are written).
        phase: number of the phase under way, when the stage is training.
        epoch: number of the epoch under way, counted over both phases.
        done: photos done of `total`: of this epoch, or of the dataset while the stage is features.
        total: see `done`.
        seconds_left: in this phase, or in this stage while it is features; None when not known.
        steps: the curves so far: `epochs` passed (2.5 is the middle of epoch 3), and `loss` and
            `accuracy` on the training photos since their epoch began.
    """

    stage: Stage
    phase: int | None
    epoch: int | None
    done: int
    total: int
    seconds_left: float | None
    steps: "pd.DataFrame"


def read_progress(run: Run) -> Progress:
    """Return how far the run is. Its event file may be missing or end in the middle of a line."""
    import pandas as pd

    stage: Stage = "preparing"
    latest: FeaturesStep | TrainingStep | None = None
    first: Logged | None = None
    seconds_left: float | None = None
    steps: list[tuple[float, float, float]] = []
    for logged in read_events(run):
        match logged.event:
            case StatusChanged():
                stage, latest, first = "preparing", None, None
            case FeaturesStep() as step:
                first = first or logged
                stage, latest, seconds_left = "features", step, _seconds_left(logged, first)
            case TrainingStep() as step:
                stage, latest, seconds_left = "training", step, step.seconds_left
                passed = step.epoch - 1 + step.done / step.total
                # A killed process repeats what it had done since its last checkpoint.
                while steps and steps[-1][0] >= passed:
                    steps.pop()
                steps.append((passed, step.loss, step.accuracy))
            case EpochEnded(row=row) if isinstance(latest, TrainingStep):
                # Of fast epochs hardly a step is told, and after a phase comes work without any.
                latest = msgspec.structs.replace(
                    latest, phase=row.phase, epoch=row.epoch, done=latest.total
                )
            case Finishing():
                stage, latest = "finishing", None
    training = latest if isinstance(latest, TrainingStep) else None
    return Progress(
        stage=stage,
        phase=training.phase if training else None,
        epoch=training.epoch if training else None,
        done=latest.done if latest else 0,
        total=latest.total if latest else 0,
        seconds_left=seconds_left if latest else None,
        steps=pd.DataFrame(steps, columns=["epochs", "loss", "accuracy"]),
    )


def _seconds_left(logged: Logged, first: Logged) -> float | None:
    assert isinstance(logged.event, FeaturesStep)
    assert isinstance(first.event, FeaturesStep)
    done = logged.event.done - first.event.done
    if done <= 0:
        return None
    pace = (logged.time - first.time) / done
    return pace * (logged.event.total - logged.event.done)


def read_events(run: Run) -> Iterator[Logged]:
    """Yield what training has reported, oldest first."""
    try:
        lines = run.file(EVENTS).read_text().splitlines()
    except FileNotFoundError:
        return
    for line in lines:
        try:
            yield msgspec.convert(json.loads(line), Logged)
        except ValueError:  # empty, or what a killed process was writing
            continue


def append_event(run: Run, event: Event) -> None:
    """Add a line to the run's events. Raises OSError."""
    logged = msgspec.to_builtins(Logged(time.time(), event))
    with run.file(EVENTS).open("a") as file:
        # The break comes first: it also ends the line that a killed process left unfinished.
        file.write("\n" + json.dumps(logged))


def remove_progress(run: Run) -> None:
    """Delete what only an unfinished run needs."""
    run.file(EVENTS).unlink(missing_ok=True)
    shutil.rmtree(run.file(CHECKPOINT), ignore_errors=True)
