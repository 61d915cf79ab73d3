"""Did training help? The accuracy reached, beside the seconds it took to get there."""

from typing import Any

import pandas as pd

from imgcls.evaluation.intervals import interval
from imgcls.runs.record import NEAREST_CENTROID, NEAREST_NEIGHBORS, Accuracy
from imgcls.runs.run import Run
from imgcls.runs.store import starts_from_scratch

NAMES = {  # of the baselines, for people
    NEAREST_CENTROID: "nearest class centroid",
    NEAREST_NEIGHBORS: "10 nearest neighbours",
}
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
    features = run.record.timings.features
    untrained = [
        _point(NAMES[known.method], 0, features + known.seconds, known.validation)
        for known in run.record.baselines
    ]
    return untrained + _epochs(run, features)


def _epochs(run: Run, spent: float) -> list[dict[str, Any]]:
    n = run.record.data.count("validation")
    names = {phase.number: phase.name for phase in run.config.phases}
    points = []
    for row in run.record.history:
        spent += row.seconds
        ends = interval(round(row.val_accuracy * n), n)
        reached = Accuracy(accuracy=row.val_accuracy, n=n, interval=ends)
        points.append(_point(names[row.phase], row.epoch, spent, reached))
    return points


def _point(method: str, step: int, seconds: float, reached: Accuracy) -> dict[str, Any]:
    low, high = reached.interval
    figures = {"accuracy": reached.accuracy, "low": low, "high": high, "n": reached.n}
    return {"method": method, "step": step, "seconds": seconds, **figures}
