"""Did training help? The accuracy reached, beside the seconds it took to get there."""

from pathlib import Path
from typing import Any

import pandas as pd

from imgcls import runs
from imgcls.metrics import Scores
from imgcls.runs import Run

COLUMNS = ("method", "step", "seconds", "accuracy", "low", "high", "n")


def table(run: Run, scratch: Run | None) -> pd.DataFrame:
    """Return the accuracy on the validation photos against the time spent.

    Args:
        run: a finished run.
        scratch: a finished run of the small CNN on the same photos, if there is one.

    Returns:
        One row a point. `method`: a classifier without training (see `imgcls.baselines`), or the
        name of a phase; `step`: the epoch, counted from the start, 0 without training; `seconds`
        from the first photo, the frozen layers included where they are used; `accuracy` with its
        95 % interval `low` to `high`; `n` photos.
    """
    features = run.record["timings"].get("features", 0.0)
    rows = [
        _point(known["method"], 0, features + known["seconds"], known["validation"])
        for known in run.record.get("baselines", [])
    ]
    rows += _epochs(run, features)
    if scratch is not None and scratch.id != run.id:
        rows += _epochs(scratch, 0.0)
    return pd.DataFrame(rows, columns=list(COLUMNS))


def scratch_run(models: Path, fingerprint: str) -> Run | None:
    """Return the newest finished run of the small CNN on these photos, or None."""
    for run in runs.readable(models):
        same = run.record["data"]["fingerprint"] == fingerprint
        if same and run.config.architecture == "small_cnn" and run.status == "finished":
            return run
    return None


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
