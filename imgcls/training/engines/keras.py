"""The reference way of training: Keras's fit, every photo through the whole network each epoch."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from imgcls._utils.arrays import FloatArray, IntArray, RgbArray
from imgcls.config import Phase, TrainConfig
from imgcls.networks.build import find_base, freeze, logits
from imgcls.training.engines.base import OnStep, Totals, class_weights
from imgcls.training.engines.optimizer import adam
from imgcls.training.engines.photos import PhotoBatches, Photos

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset


class InferenceBase(keras.Model):
    """`model` with its base in inference mode whatever fit asks for.

    A ``training=False`` given when a functional model is built is overridden by fit's
    ``training=True`` (keras-team/keras#20285), and then the moving statistics of the unfrozen
    BatchNormalization layers drift. Given in an explicit call it holds.
    """

    def __init__(self, model: keras.Model) -> None:
        super().__init__()
        self._base: Any = find_base(model)
        position = model.layers.index(self._base)
        self._before = keras.Sequential(model.layers[:position])
        self._after = keras.Sequential(model.layers[position + 1 :])

    def call(self, photos: Any, training: bool | None = None) -> Any:
        """Map pixels (n, size, size, 3), 0-255, to outputs (n, classes)."""
        features = self._base(self._before(photos), training=False)
        return self._after(features, training=training)


class PlainEngine:
    """Trains `model` with Keras's fit on decoded photos."""

    def __init__(self, model: keras.Model, dataset: "Dataset", config: TrainConfig) -> None:
        self._model = model
        self._last = model.layers[-1]
        pooled = model.get_layer("global_average_pooling").output
        self._until_pooled = keras.Model(model.inputs, pooled)
        self._hidden = keras.Model(pooled, self._last.input)
        # What starts from noise has no statistics to keep: its normalization learns them.
        inference = config.network.pretrained is not None and config.batch_norm == "inference"
        self._trained = InferenceBase(model) if inference else model
        self._photos = Photos(dataset, config)
        self._labels = dataset.table["label"].to_numpy(np.int64)
        self._learned = self._labels[dataset.table["split"] == "train"]
        self._config = config

    @property
    def variables(self) -> list[Any]:
        """See Engine."""
        return [*self._model.variables, *self._trained.optimizer.variables]

    @property
    def product_type(self) -> str:
        """See Engine."""
        return "float32"

    def start_phase(self, phase: Phase) -> None:
        """See Engine."""
        freeze(self._model, phase.first_trainable)
        optimizer = adam(self._config, phase, len(self._learned))
        self._trained.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        optimizer.build(self._model.trainable_variables)

    def train(self, rows: IntArray, on_step: OnStep) -> Totals:
        """See Engine."""
        report = _Report(len(rows), self._config.batch_size, on_step)
        photo = self._photos.whole
        if self._config.augmentation == "crops":
            photo = partial(self._photos.crop, epoch=self._epoch())
        weights = None
        if self._config.class_weights == "balanced":
            weights = dict(enumerate(class_weights(self._learned).tolist()))
        self._trained.fit(
            self._batches(photo, rows),
            shuffle=False,
            verbose=0,
            callbacks=[report],
            class_weight=weights,
        )
        return report.totals

    def pooled(self, rows: IntArray) -> FloatArray:
        """See Engine."""
        photos = self._batches(self._photos.whole, rows)
        found: FloatArray = self._until_pooled.predict(photos, verbose=0)
        return found

    def logits(self, pooled: FloatArray) -> FloatArray:
        """See Engine."""
        found: FloatArray = logits(self._last, self._hidden(pooled, training=False)).numpy()
        return found

    def _batches(self, photo: Callable[[int], RgbArray], rows: IntArray) -> PhotoBatches:
        return PhotoBatches(photo, self._labels, rows, self._config.batch_size)

    def _epoch(self) -> int:
        """Return the epoch under way, from 0; a checkpoint keeps the steps that it follows from."""
        steps = self._config.steps_per_epoch(len(self._learned))
        return int(self._trained.optimizer.iterations) // steps


class _Report(keras.callbacks.Callback):
    """Turns fit's running means into sums, and a True from `on_step` into a stop."""

    def __init__(self, photos: int, batch_size: int, on_step: OnStep) -> None:
        super().__init__()
        self.totals = Totals()
        self._photos = photos
        self._batch_size = batch_size
        self._on_step = on_step

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        """Report after every step."""
        assert logs is not None
        done = min((batch + 1) * self._batch_size, self._photos)
        self.totals = Totals(logs["loss"] * done, round(logs["accuracy"] * done), done)
        if self._on_step(self.totals):
            self.model.stop_training = True
