"""Did training help? The accuracy reached, beside the seconds it took to get there."""

from pathlib import Path
from typing import Any

import pandas as pd

from imgcls import runs
from imgcls.config import WHAT_IFS
from imgcls.metrics import Scores
from imgcls.runs import Run

COLUMNS = ("method", "step", "seconds", "accuracy", "low", "high", "n")


def table(run: Run, other: Run | None) -> pd.DataFrame:
    """Return the accuracy on the validation photos against the time spent.

    Args:
        run: a finished run.
        other: as `counterpart` returns it.

    Returns:
        One row a point. `method`: a classifier without training (see `imgcls.baselines`), or the
        name of a phase; `step`: the epoch, counted from the start, 0 without training; `seconds`
        from the first photo, the frozen layers included where they are used; `accuracy` with its
        95 % interval `low` to `high`; `n` photos.
    """
    both = [known for known in (run, other) if known is not None]
    both.sort(key=_is_small)
    points = [point for known in both for point in _points(known)]
    return pd.DataFrame(points, columns=list(COLUMNS))


def counterpart(models: Path, run: Run) -> Run | None:
    """Return a finished run on the same photos that began where this one did not, or None.

    Beside a pretrained network that is the small CNN from scratch, and the other way round; none of
    the deliberate mistakes, the nearest in image size, and then the newest.
    """
    photos = run.record["data"]["fingerprint"]
    found = [
        other
        for other in runs.readable(models)
        if other.record["data"]["fingerprint"] == photos
        and other.status == "finished"
        and _is_small(other) != _is_small(run)
        and other.record["preset"] not in WHAT_IFS
        and not other.config.left_out_classes
    ]
    size = run.config.image_size
    return min(found, key=lambda other: abs(other.config.image_size - size), default=None)


def _is_small(run: Run) -> bool:
    return run.config.architecture == "small_cnn"


def _points(run: Run) -> list[dict[str, Any]]:
    features = run.record["timings"].get("features", 0.0)
    untrained = [
        _point(known["method"], 0, features + known["seconds"], known["validation"])
        for known in run.record.get("baselines", [])
    ]
    return untrained + _epochs(run, features)


def _epochs(run: Run, spent: float) -> list[dict[str, Any]]:
    n = sum(run.record["data"]["counts"]["validation"].values())
    names = {phase.number: phase.name for phase in run.config.phases}
    points = []
    for epoch in run.record["history"]:
        spent += epoch["seconds"]
        scores = Scores(epoch["val_loss"], epoch["val_accuracy"], n).to_dict()
        points.append(_point(names[epoch["phase"]], epoch["epoch"], spent, scores))
    return points


def _point(method: str, step: int, seconds: float, scores: dict[str, Any]) -> dict[str, Any]:
    low, high = scores["interval"]
    figures = {"accuracy": scores["accuracy"], "low": low, "high": high, "n": scores["n"]}
    return {"method": method, "step": step, "seconds": seconds, **figures}
