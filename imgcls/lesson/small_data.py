"""Accuracy against photos per class: what was measured, for the lesson to draw."""

from importlib import resources
from typing import NamedTuple

import pandas as pd

from imgcls.evaluation.intervals import interval
from imgcls.lesson import seeds
from imgcls.presets import PRESETS

# Names for people; before the comma stands the kind of way, see `kind`.
METHODS = {
    "small-data": "pretrained, fine-tuned (preset small-data)",
    "logistic regression": "pretrained, logistic regression on its features",
    "nearest class centroid": "pretrained, nearest class centroid",
    "10 nearest neighbors": "pretrained, 10 nearest neighbours",
    "paper": "pretrained, the paper's recipe",
    "scratch-residual": "from scratch, a small residual network",
    "scratch": "from scratch, a small CNN",
}


class Need(NamedTuple):
    """How many photos a class one way needs.

    Attributes:
        name: of the way.
        photos: the fewest measured with which the accuracy is enough; None where none is.
        reached: the accuracy (0-1) with these, or else with the most.
        fewest: photos a class that were measured.
        most: photos a class that were measured.
    """

    name: str
    photos: int | None
    reached: float
    fewest: int
    most: int


class Standing(NamedTuple):
    """Where one way stands among the others with so many photos a class.

    Attributes:
        name: of the way.
        accuracy: mean over its draws, 0-1.
        behind: how far the best way lies above it, on the draws that both have.
        draws: number of these.
    """

    name: str
    accuracy: float
    behind: seeds.Difference
    draws: int


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


def paper_steps(photos: int, classes: int = 10) -> int:
    """Return how many updates of the weights the paper's recipe makes with so many photos a class.

    In both phases together; `benchmarks/small_data.py` takes it at 224 px, as the preset `hires`.
    """
    recipe = PRESETS["hires"]
    epochs = sum(phase.epochs for phase in recipe.phases)
    return epochs * recipe.steps_per_epoch(photos * classes)


def needed(curves: pd.DataFrame, wanted: float) -> list[Need]:
    """Return how many photos a class each way needs, of the numbers that were measured.

    Args:
        curves: as `learning_curves`.
        wanted: mean accuracy that is enough, 0-1.
    """
    found = []
    for name, curve in curves.groupby("name", sort=False):
        reached = dict(zip(curve["photos_per_class"], curve["accuracy"], strict=True))
        enough = [photos for photos, accuracy in reached.items() if accuracy >= wanted]
        photos = min(enough, default=None)
        fewest, most = min(reached), max(reached)
        found.append(Need(str(name), photos, reached[photos or most], fewest, most))
    return found


def ranking(curves: pd.DataFrame, photos: int) -> list[Standing]:
    """Return the ways with so many photos a class, the best first.

    Args:
        curves: as `learning_curves`.
        photos: a class, one of those measured.
    """
    accuracies = measured()
    accuracies = accuracies[accuracies["photos_per_class"] == photos]
    by_draw = accuracies.pivot_table(index="seed", columns="method", values="accuracy")
    ways = curves[curves["photos_per_class"] == photos].sort_values("accuracy", ascending=False)
    best = by_draw[ways["method"].iloc[0]]
    found = []
    for method, name in zip(ways["method"], ways["name"], strict=True):
        shared = pd.concat([best, by_draw[method]], axis=1).dropna()
        behind = seeds.paired_difference(shared.iloc[:, 0], shared.iloc[:, 1])
        found.append(Standing(name, float(by_draw[method].mean()), behind, len(shared)))
    return found
