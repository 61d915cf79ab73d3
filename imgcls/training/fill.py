"""The frozen layers of a recipe, computed ahead of a training: here, or by a cluster."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from imgcls._utils import cluster
from imgcls._utils.arrays import Progress
from imgcls.config import ConfigError, TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.data.variants import divide
from imgcls.inference.feature_cache import FeatureStore
from imgcls.inference.program import Program
from imgcls.networks.build import build_base
from imgcls.networks.weights import find_base_weights
from imgcls.training.features import FrozenBase, Look, features_of, fill
from imgcls.training.train import made_from

PHOTOS = 64  # of a task


class Filled(NamedTuple):
    """What the cache holds for a recipe. Photos of one content are one, each view of it another.

    Attributes:
        store: the file with the features.
        photos: that the recipe needs.
        computed: of these now.
        missing: of these still, when it was stopped.
    """

    store: Path
    photos: int
    computed: int
    missing: int


def require_features(config: TrainConfig) -> None:
    """Raise ConfigError for a recipe that trains without features that are kept."""
    if config.engine == "plain":
        raise ConfigError(
            f"engine: received plain for {config.network.title}, of which nothing is kept; "
            "allowed: a preset with a pretrained base, such as paper, and engine=cached."
        )


def fill_cache(
    config: TrainConfig,
    dataset: Dataset,
    models: Path,
    *,
    weights_file: Path | None = None,
    on_progress: Progress = lambda done, total: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_cluster: bool = False,
) -> Filled:
    """Compute what a training with this recipe needs of the frozen layers and the cache has not.

    Args:
        config: the recipe.
        dataset: the photos.
        models: folder of runs, in which base weights may be found.
        weights_file: the base's weights, when Keras's are not wanted.
        on_progress: called with (photos computed, photos to compute).
        should_stop: asked after each photo; True ends this, and what was computed is kept.
        on_cluster: whether the cluster that was joined computes, see `imgcls._utils.cluster`. Then
            the photos have to be on a drive that all its machines have at the same place. The
            features come to this machine and into its cache.

    Raises:
        ConfigError: as `require_features`, or the features would be larger than the cache may be.
        CacheError: the cache cannot be written.
        ClusterError: a machine does not find the photos, or as `imgcls._utils.cluster.map_tasks`.
        BaseWeightsError: no weights for the base.
        DatasetError: too few classes are left to learn.
        ImageError: a photo has become unreadable since the dataset was scanned.
    """
    require_features(config)
    find = partial(find_base_weights, weights_file=weights_file)
    config, weights = made_from(config, dataset, models, None, find)
    assert weights is not None  # every network whose features are kept is pretrained
    base = build_base(config.image_size, weights, config.network)
    frozen = FrozenBase(base, weights, config)
    learned, _ = divide(dataset, config.left_out_classes)
    compute = with_cluster if on_cluster else None
    found = fill(
        frozen, learned, on_progress, config.views, should_stop=should_stop, compute=compute
    )
    return Filled(FeatureStore(frozen.key).path, *found)


def with_cluster(frozen: FrozenBase, dataset: Dataset, looks: list[Look]) -> Iterator[bytes]:
    """Yield each photo's features, computed by the cluster that was joined."""
    # A photo is read by its name below the folder: the tables stay here.
    nothing = dataset.table.head(0)
    folder = replace(dataset, table=nothing, unreadable=nothing, files=frozenset())
    work = partial(computed, frozen.program().content, frozen.image_size, folder)
    tasks = (looks[start : start + PHOTOS] for start in range(0, len(looks), PHOTOS))
    yield from chain.from_iterable(cluster.map_tasks(work, tasks))


def computed(content: bytes, size: int, folder: Dataset, looks: list[Look]) -> list[bytes]:
    """Return each photo's features, computed on the machine that this is called on.

    Args:
        content: of the program, see `FrozenBase.program`.
        size: of the photos, pixels.
        folder: in which they are; its tables are not read.
        looks: the photos.

    Raises:
        ClusterError: this machine does not find one of them.
        ImageError: one of them is unreadable.
    """
    for look in looks:
        cluster.require(folder.path(look.file))
    return [features_of(_program(content), look.pixels(folder, size)) for look in looks]


@cache
def _program(content: bytes) -> Program:
    return Program(content, threads=1)
