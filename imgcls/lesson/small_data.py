"""Accuracy against photos per class: what was measured, for the lesson to draw."""

from importlib import resources

import pandas as pd

from imgcls.evaluation.intervals import interval

METHODS = {
    "small-data": "pretrained, fine-tuned (preset small-data)",
    "logistic regression": "pretrained, logistic regression on its features",
    "nearest class centroid": "pretrained, nearest class centroid",
    "10 nearest neighbors": "pretrained, 10 nearest neighbors",
    "paper": "pretrained, the paper's recipe",
    "scratch": "from scratch, a small CNN",
}


def learning_curves() -> pd.DataFrame:
    """Return how well each way of learning does with a few photos a class of Imagenette.

    See docs/small-data.md; `benchmarks/small_data.py` measures it.

    Returns:
        One row a way and size: `method` (a key of METHODS), `name` for people,
        `photos_per_class`, `accuracy` (mean over the seeds, 0-1), `lowest` and `highest` of them,
        `seeds`, and `n` held-out photos asked for; `low` and `high` are the ends of the 95 %
        Wilson score interval of the mean on n photos.
    """
    with resources.files(__package__).joinpath("small_data.csv").open() as file:
        measured = pd.read_csv(file)
    grouped = measured.groupby(["method", "photos_per_class"])
    table = grouped["accuracy"].agg(["mean", "min", "max", "size"]).reset_index()
    table.columns = pd.Index(
        ["method", "photos_per_class", "accuracy", "lowest", "highest", "seeds"]
    )
    table["n"] = grouped["n"].first().to_numpy()
    shares = zip(table["accuracy"], table["n"], strict=True)
    ends = [interval(round(accuracy * n), n) for accuracy, n in shares]
    table["low"], table["high"] = zip(*ends, strict=True)
    table.insert(1, "name", table["method"].map(METHODS))
    order = table["method"].map(list(METHODS).index)
    return table.iloc[order.argsort(kind="stable")].reset_index(drop=True)
