"""A map of photos: those that a network finds alike lie close together."""

import os

import numpy as np
import pandas as pd

from imgcls._utils.arrays import FloatArray
from imgcls.evaluation.degenerate import collapsed
from imgcls.evaluation.predictions import score_predictions
from imgcls.inference.confidence import Confidence
from imgcls.runs.run import Run

SEED = 0
COMPONENTS = 50  # as van der Maaten and Hinton (2008) do before t-SNE: less noise, less time
# Fewer and coarser steps than scikit-learn's 1,000 and 0.5: on the features of 5,925 photos a third
# of the time, and as many of the nearest neighbours stay neighbours
# (`sklearn.manifold.trustworthiness` is 0.995 both ways).
ITERATIONS, ANGLE = 350, 0.8
SMALL = 1e-4  # spread of the start, as scikit-learn has it
PERPLEXITY = 30  # scikit-learn's: about how many neighbours each photo attends to


def embed(pooled: FloatArray) -> pd.DataFrame:
    """Return a place in two dimensions for each photo, by t-SNE.

    Only who is near whom means something. Distances between groups, sizes of groups and the two
    directions do not (Wattenberg et al. 2016).

    Args:
        pooled: features after global average pooling, shape (n, channels), n at least 3.

    Returns:
        Columns x and y, in the order given.

    Raises:
        ValueError: the features are no numbers or the same for every photo, see
            `imgcls.evaluation.degenerate.collapsed`.
    """
    if why := collapsed(pooled):
        raise ValueError(why)
    # Only training needs them: a map that exists is shown without.
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.preprocessing import normalize
    from threadpoolctl import threadpool_limits

    features = normalize(pooled)
    components = min(COMPONENTS, *features.shape)
    reduced = PCA(components, random_state=SEED).fit_transform(features)
    perplexity = min(PERPLEXITY, (len(features) - 1) / 3)
    # Its threads wait for each other thousands of times: without a core for each, that takes longer
    # than the work. One core is for what else is done at the end of a run.
    with threadpool_limits(max(1, (os.cpu_count() or 1) - 1), user_api="openmp"):
        placed = TSNE(
            init=_start(reduced),
            perplexity=perplexity,
            max_iter=ITERATIONS,
            angle=ANGLE,
            random_state=SEED,
        ).fit_transform(reduced)
    return pd.DataFrame(placed.astype(np.float32), columns=["x", "y"])


def _start(reduced: FloatArray) -> FloatArray:
    """Return where t-SNE begins: the two main directions, as its own init="pca".

    Its own divides by the spread of the first, and where that is 0 the photos' places are no
    numbers, on which it crashes the process (scikit-learn's issue 28368).
    """
    plane = np.zeros((len(reduced), 2), np.float32)
    directions = reduced[:, :2]
    plane[:, : directions.shape[1]] = directions
    spread = plane[:, 0].std()
    return plane / spread * SMALL if spread > np.finfo(np.float32).tiny else plane


def of_run(run: Run, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return the map of a run's validation and test photos with what it answered.

    Args:
        run: a finished run.
        predictions: its own, as `imgcls.runs.run.Run.predictions`.

    Returns:
        The columns of `imgcls.evaluation.predictions.score_predictions`, `x`, `y`, and `class` and
        `called`, what people read for the true class and for the answer.

    Raises:
        RunError: the run has no map.
    """
    places = run.embedding().query("split != 'train'")
    names = dict(enumerate(run.class_titles))
    points = score_predictions(predictions, Confidence.of_run(run)).reset_index(drop=True)
    points["x"], points["y"] = places["x"].to_numpy(), places["y"].to_numpy()
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
