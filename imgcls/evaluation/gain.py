"""Did training help? The accuracy reached, beside the seconds it took to get there."""

from typing import Any

import pandas as pd

from imgcls.evaluation.metrics import Scores
from imgcls.runs.run import Run
from imgcls.runs.store import starts_from_scratch

COLUMNS = ("method", "step", "seconds", "accuracy", "low", "high", "n")


def table(run: Run, other: Run | None) -> pd.DataFrame:
    """Return the accuracy on the validation photos against the time spent.

    Args:
        run: a finished run.
        other: as `counterpart` returns it.

    Returns:
        One row a point. `method`: a classifier without training (see
        `imgcls.evaluation.baselines`), or the name of a phase; `step`: the epoch,
        counted from the start, 0 without training; `seconds` from the first photo, the frozen
        layers included where they are used; `accuracy` with its 95 % interval `low` to `high`;
        `n` photos.
    """
    both = [known for known in (run, other) if known is not None]
    both.sort(key=starts_from_scratch)
    points = [point for known in both for point in _points(known)]
    return pd.DataFrame(points, columns=list(COLUMNS))


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
