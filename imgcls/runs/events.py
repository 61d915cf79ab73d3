"""What a training reports while it runs, and how far that is."""

import json
import shutil
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from imgcls.runs.files import CHECKPOINT, EVENTS
from imgcls.runs.run import Run

Stage = Literal["preparing", "features", "training", "finishing"]


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
    steps: pd.DataFrame


def read_progress(run: Run) -> Progress:
    """Return how far the run is. Its event file may be missing or end in the middle of a line."""
    stage: Stage = "preparing"
    latest: dict[str, Any] = {}
    first_features: dict[str, Any] = {}
    steps: list[tuple[float, float, float]] = []
    for event in run.events():
        match event["event"]:
            case "status":
                stage, latest, first_features = "preparing", {}, {}
            case "features":
                first_features = first_features or event
                stage, latest = "features", _with_seconds_left(event, first_features)
            case "step":
                stage, latest = "training", event
                passed = event["epoch"] - 1 + event["done"] / event["total"]
                # A killed process repeats what it had done since its last checkpoint.
                while steps and steps[-1][0] >= passed:
                    steps.pop()
                steps.append((passed, event["loss"], event["accuracy"]))
            case "finishing":
                stage, latest = "finishing", {}
    return Progress(
        stage=stage,
        phase=latest.get("phase"),
        epoch=latest.get("epoch"),
        done=latest.get("done", 0),
        total=latest.get("total", 0),
        seconds_left=latest.get("seconds_left"),
        steps=pd.DataFrame(steps, columns=["epochs", "loss", "accuracy"]),
    )


def _with_seconds_left(event: dict[str, Any], first: dict[str, Any]) -> dict[str, Any]:
    done = event["done"] - first["done"]
    if done <= 0:
        return event
    pace = (event["time"] - first["time"]) / done
    return {**event, "seconds_left": pace * (event["total"] - event["done"])}


def append_event(run: Run, event: dict[str, Any]) -> None:
    """Add a line to the run's events. Raises OSError."""
    with run.file(EVENTS).open("a") as file:
        # The break comes first: it also ends the line that a killed process left unfinished.
        file.write("\n" + json.dumps(event))


def remove_progress(run: Run) -> None:
    """Delete what only an unfinished run needs."""
    run.file(EVENTS).unlink(missing_ok=True)
    shutil.rmtree(run.file(CHECKPOINT), ignore_errors=True)
