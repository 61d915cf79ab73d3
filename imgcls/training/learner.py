"""A network and the photos it learns from."""

from dataclasses import dataclass, field
from functools import cached_property

import keras
import numpy as np
import tensorflow as tf

from imgcls._utils.arrays import FloatArray, IntArray, Progress
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.data.splits import SPLITS
from imgcls.data.variants import divide, with_label_noise
from imgcls.evaluation import metrics
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import BaseWeights
from imgcls.runs.record import Scores
from imgcls.training.engines.base import Engine
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.engines.keras import PlainEngine
from imgcls.training.engines.precision import product_type
from imgcls.training.features import Features, FrozenBase, extract
from imgcls.training.head_start import start_head


@dataclass(eq=False)
class Learner:
    """A network, what trains it, and on which photos.

    Attributes:
        config: the recipe.
        model: the network.
        engine: trains it.
        dataset: its photos, with the labels that it is given.
        labels: the true label of each row of the dataset's table.
        left_out: the photos of classes that it never sees.
        frozen: what the frozen layers make of each photo, where that is computed once.
    """

    config: TrainConfig
    model: keras.Model
    engine: Engine
    dataset: Dataset
    labels: IntArray
    left_out: Dataset
    frozen: Features | None
    _pooled: dict[str, FloatArray] = field(default_factory=dict)  # of splits, until it learns on

    @cached_property
    def rows(self) -> dict[str, IntArray]:
        """The rows of each split in the dataset's table."""
        split = self.dataset.table["split"]
        return {name: np.flatnonzero(split == name) for name in SPLITS}

    def order(self, epoch: int) -> IntArray:
        """Return the rows that the engine trains on in an epoch, from 1."""
        seed = self.config.seed
        if self.frozen is not None:
            return self.frozen.order(seed, epoch)
        return np.random.default_rng([seed, epoch]).permutation(self.rows["train"])

    def pooled(self, split: str) -> FloatArray:
        """Return the features of the photos of a split after pooling, shape (n, channels)."""
        if split not in self._pooled:
            self._pooled[split] = self.engine.pooled(self.rows[split])
        return self._pooled[split]

    def logits(self, split: str) -> FloatArray:
        """Return the logits for the photos of a split, shape (n, classes)."""
        return self.engine.logits(self.pooled(split))

    def scores(self, split: str) -> Scores:
        """Return how good the answers for a split are."""
        return metrics.scores(self.logits(split), self.labels[self.rows[split]])

    def forget(self) -> None:
        """Let features be computed anew: the network has learned."""
        self._pooled.clear()


def build(
    config: TrainConfig, dataset: Dataset, weights: BaseWeights | None, on_features: Progress
) -> Learner:
    """Return a network that has not learned yet.

    Args:
        config: the recipe.
        dataset: all photos.
        weights: of the pretrained base; None for a network that starts from noise.
        on_features: see `imgcls.training.features.extract`; what it raises ends this.

    Raises:
        ConfigError: as `imgcls.training.features.extract`.
        ImageError: a photo has become unreadable since the dataset was scanned.
    """
    tf.config.experimental.enable_op_determinism()
    kept, left_out = divide(dataset, config.left_out_classes)
    labels = kept.table["label"].to_numpy()
    given = with_label_noise(kept, config.label_noise)
    base = build_base(config.image_size, weights, config.network) if weights else None
    # Building the base draws random numbers too; how many depends on where it comes from.
    keras.utils.set_random_seed(config.seed)
    model = build_model(config, len(given.classes), base)
    frozen: Features | None = None
    if config.engine == "plain" or weights is None:
        engine: Engine = PlainEngine(model, given, config)
    else:
        frozen = extract(FrozenBase(base, weights, config), given, on_features, config.views)
        if config.head_start == "logistic":
            start_head(model, frozen, given, config)
        engine = CachedEngine(model, frozen, given, config, product_type())
    return Learner(config, model, engine, given, labels, left_out, frozen)
