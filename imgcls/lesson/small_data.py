"""Accuracy against photos per class: what was measured, for the lesson to draw."""

from importlib import resources

import pandas as pd

from imgcls.evaluation.intervals import interval
from imgcls.lesson import seeds

# Names for people; before the comma stands the kind of way, see `kind`.
METHODS = {
    "small-data": "pretrained, fine-tuned (preset small-data)",
    "logistic regression": "pretrained, logistic regression on its features",
    "nearest class centroid": "pretrained, nearest class centroid",
    "10 nearest neighbors": "pretrained, 10 nearest neighbors",
    "paper": "pretrained, the paper's recipe",
    "scratch": "from scratch, a small CNN",
}


def measured() -> pd.DataFrame:
    """Return the accuracies one by one, as `benchmarks/small_data.py` measures them.

    Returns:
        One row a way, size and draw: `method`, `photos_per_class`, `seed` of the draw, `accuracy`
        (0-1) and `n` held-out photos asked for.
    """
    with resources.files(__package__).joinpath("small_data.csv").open() as file:
        return pd.read_csv(file)


def kind(name: str) -> str:
    """Return what kind of way one of METHODS is: "pretrained" or "from scratch"."""
    return name.partition(",")[0]


def learning_curves() -> pd.DataFrame:
    """Return how well each way of learning does with a few photos a class of Imagenette.

    See docs/small-data.md.

    Returns:
        One row a way and size: `method` (a key of METHODS), `name` for people,
        `photos_per_class`, `accuracy` (mean over the seeds, 0-1), `lowest` and `highest` of them,
        `seeds`, and `n` held-out photos asked for; `low` and `high` are the ends of the 95 %
        Wilson score interval of the mean on n photos.
    """
    grouped = measured().groupby(["method", "photos_per_class"])
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


def needed(curves: pd.DataFrame, wanted: float) -> pd.DataFrame:
    """Return how many photos a class each way needs, of the numbers that were measured.

    Args:
        curves: as `learning_curves`.
        wanted: mean accuracy that is enough, 0-1.

    Returns:
        One row a way, in the order of the curves: `name`; `photos` a class, the fewest with which
        the accuracy is enough, or missing where none is; `reached`, the accuracy with these, or
        else with the most; `fewest` and `most` photos that were measured.
    """
    rows = []
    for name, curve in curves.groupby("name", sort=False):
        sizes = curve["photos_per_class"]
        enough = curve[curve["accuracy"] >= wanted]
        photos = enough["photos_per_class"].min() if len(enough) else None
        reached = curve.loc[sizes == (photos or sizes.max()), "accuracy"].item()
        rows.append((name, photos, reached, sizes.min(), sizes.max()))
    table = pd.DataFrame(rows, columns=["name", "photos", "reached", "fewest", "most"])
    return table.astype({"photos": "Int64"})


def ranking(curves: pd.DataFrame, photos: int) -> list[tuple[str, float, seeds.Difference, int]]:
    """Return the ways with so many photos a class, the best first.

    Args:
        curves: as `learning_curves`.
        photos: a class, one of those measured.

    Returns:
        For each way its name, its mean accuracy (0-1), how far the best one lies above it on the
        draws that both have, and the number of these.
    """
    accuracies = measured()
    accuracies = accuracies[accuracies["photos_per_class"] == photos]
    by_draw = accuracies.pivot_table(index="seed", columns="method", values="accuracy")
    ways = curves[curves["photos_per_class"] == photos].sort_values("accuracy", ascending=False)
    best = by_draw[ways["method"].iloc[0]]
    found = []
    for way in ways.itertuples():
        shared = pd.concat([best, by_draw[way.method]], axis=1).dropna()
        behind = seeds.paired_difference(shared.iloc[:, 0], shared.iloc[:, 1])
        found.append((str(way.name), float(way.accuracy), behind, len(shared)))
    return found
