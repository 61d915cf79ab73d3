"""A place in two dimensions for each photo: those that a network finds alike lie close together."""

import logging
import os

import numpy as np
import pandas as pd

from imgcls._utils.arrays import FloatArray
from imgcls.evaluation.degenerate import collapsed
from imgcls.runs.files import COMPONENTS, EMBEDDING
from imgcls.runs.run import Run, write_table

SEED = 0
COMPONENTS_KEPT = 50  # as van der Maaten and Hinton (2008) do before t-SNE: less noise, less time
# Fewer and coarser steps than scikit-learn's 1,000 and 0.5: on the features of 5,925 photos a third
# of the time, and as many of the nearest neighbours stay neighbours
# (`sklearn.manifold.trustworthiness` is 0.995 both ways).
ITERATIONS, ANGLE = 350, 0.8
SMALL = 1e-4  # spread of the start, as scikit-learn has it
PERPLEXITY = 30  # scikit-learn's: about how many neighbours each photo attends to
logger = logging.getLogger(__name__)


def principal_components(pooled: FloatArray) -> FloatArray:
    """Return the directions in which photos differ most, shape (n, at most 50).

    Args:
        pooled: features after global average pooling, shape (n, channels), n at least 3.

    Raises:
        ValueError: the features are no numbers or the same for every photo, see
            `imgcls.evaluation.degenerate.collapsed`.
    """
    if why := collapsed(pooled):
        raise ValueError(why)
    # Only training needs them.
    from sklearn.decomposition import PCA
    from sklearn.preprocessing import normalize

    features = normalize(pooled)
    kept = min(COMPONENTS_KEPT, *features.shape)
    # Of 1,280 channels this takes a third of a second, a fifth of what it chooses by itself.
    found: FloatArray = PCA(kept, svd_solver="covariance_eigh").fit_transform(features)
    return found


def embed(components: FloatArray) -> pd.DataFrame:
    """Return a place in two dimensions for each photo, by t-SNE.

    Only who is near whom means something. Distances between groups, sizes of groups and the two
    directions do not (Wattenberg et al. 2016).

    Args:
        components: as `principal_components`, shape (n, components).

    Returns:
        Columns x and y, in the order given.
    """
    from sklearn.manifold import TSNE  # a map that exists is shown without
    from threadpoolctl import threadpool_limits

    perplexity = min(PERPLEXITY, (len(components) - 1) / 3)
    # Its threads wait for each other thousands of times: without a core for each, that takes longer
    # than the work. One core is for what else the server does.
    with threadpool_limits(max(1, (os.cpu_count() or 1) - 1), user_api="openmp"):
        placed = TSNE(
            init=_start(components),
            perplexity=perplexity,
            max_iter=ITERATIONS,
            angle=ANGLE,
            random_state=SEED,
        ).fit_transform(components)
    return pd.DataFrame(placed.astype(np.float32), columns=["x", "y"])


def can_be_had(run: Run) -> bool:
    """Return whether a run keeps its map, or what one can be made of."""
    return run.file(EMBEDDING).is_file() or run.file(COMPONENTS).is_file()


def of_run(run: Run) -> pd.DataFrame:
    """Return a run's map, see `Run.embedding`: made when it is first asked for, and then kept.

    Raises:
        RunError: the run has none, or it cannot be read.
    """
    if run.file(EMBEDDING).is_file():
        return run.embedding()
    found = run.components()
    table = embed(found.drop(columns="split").to_numpy(np.float32)).assign(split=found["split"])
    try:
        write_table(run, EMBEDDING, table)
    except OSError as error:  # whoever may not write there sees it too
        logger.warning("The map of %s cannot be kept: %s", run.id, error)
    return table


def _start(components: FloatArray) -> FloatArray:
    """Return where t-SNE begins: the two main directions, as its own init="pca".

    Its own divides by the spread of the first, and where that is 0 the photos' places are no
    numbers, on which it crashes the process (scikit-learn's issue 28368).
    """
    plane = np.zeros((len(components), 2), np.float32)
    directions = components[:, :2]
    plane[:, : directions.shape[1]] = directions
    spread = plane[:, 0].std()
    return plane / spread * SMALL if spread > np.finfo(np.float32).tiny else plane
