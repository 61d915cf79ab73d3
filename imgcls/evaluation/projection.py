"""What a run answers, on its map of photos."""

import pandas as pd

from imgcls.evaluation.predictions import score_predictions
from imgcls.inference.confidence import Confidence
from imgcls.runs.run import Run


def of_run(run: Run, places: pd.DataFrame, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the map of a run's validation and test photos with what it answered.

    Args:
        run: a finished run.
        places: its map, as `imgcls.evaluation.embedding.of_run`.
        predictions: its own, as `imgcls.runs.run.Run.predictions`.

    Returns:
        The columns of `imgcls.evaluation.predictions.score_predictions`, `x`, `y`, and `class` and
        `called`, what people read for the true class and for the answer.
    """
    held_out = places[places["split"] != "train"]
    names = dict(enumerate(run.class_titles))
    points = score_predictions(predictions, Confidence.of_run(run)).reset_index(drop=True)
    points["x"], points["y"] = held_out["x"].to_numpy(), held_out["y"].to_numpy()
    points["class"], points["called"] = points["label"].map(names), points["predicted"].map(names)
    return points


def inside(points: pd.DataFrame, region: dict[str, list[float]]) -> pd.DataFrame:
    """Return the photos in a rectangle of the map.

    Args:
        points: with `x` and `y`.
        region: for "x" and "y" the two ends, in any order.
    """
    x, y = sorted(region["x"]), sorted(region["y"])
    return points[points["x"].between(x[0], x[1]) & points["y"].between(y[0], y[1])]
