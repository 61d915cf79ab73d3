"""The reference way of training: Keras's fit, every photo through the whole network each epoch."""

import math
from typing import TYPE_CHECKING, Any

import keras
import numpy as np

from imgcls._utils.arrays import FloatArray, IntArray
from imgcls.config import Phase, TrainConfig
from imgcls.networks.build import find_base, freeze, logits
from imgcls.training.engines.base import OnStep, Totals, class_weights

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset


class PhotoBatches(keras.utils.PyDataset):
    """Batches of decoded photos and their labels, in the order of `rows`."""

    def __init__(self, dataset: "Dataset", rows: IntArray, config: TrainConfig) -> None:
        # Decoding lets go of Python's lock, so threads keep both cores busy.
        super().__init__(workers=2, use_multiprocessing=False, max_queue_size=4)
        self._dataset = dataset
        self._rows = rows
        self._config = config

    def __len__(self) -> int:
        return math.ceil(len(self._rows) / self._config.batch_size)

    def __getitem__(self, index: int) -> tuple[Any, Any]:
        size = self._config.batch_size
        part = self._dataset.table.iloc[self._rows[index * size : (index + 1) * size]]
        photos = [self._dataset.read(file, self._config.image_size) for file in part["file"]]
        return np.stack(photos), part["label"].to_numpy(np.int64)


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
        self._until_last = keras.Model(model.inputs, model.layers[-1].input)
        inference = find_base(model) is not None and config.batch_norm == "inference"
        self._trained = InferenceBase(model) if inference else model
        self._dataset = dataset
        self._config = config

    @property
    def variables(self) -> list[Any]:
        """See Engine."""
        return [*self._model.variables, *self._trained.optimizer.variables]

    def start_phase(self, phase: Phase) -> None:
        """See Engine."""
        freeze(self._model, phase.first_trainable)
        optimizer = keras.optimizers.Adam(phase.learning_rate)
        self._trained.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
        optimizer.build(self._model.trainable_variables)

    def train(self, rows: IntArray, on_step: OnStep) -> Totals:
        """See Engine."""
        report = _Report(len(rows), self._config.batch_size, on_step)
        batches = PhotoBatches(self._dataset, rows, self._config)
        weights = None
        if self._config.class_weights == "balanced":
            training = self._dataset.table[self._dataset.table["split"] == "train"]
            weights = dict(enumerate(class_weights(training["label"].to_numpy(np.int64)).tolist()))
        self._trained.fit(
            batches, shuffle=False, verbose=0, callbacks=[report], class_weight=weights
        )
        return report.totals

    def pooled(self, rows: IntArray) -> FloatArray:
        """See Engine."""
        pooling = self._model.get_layer("global_average_pooling")
        return self._through(keras.Model(self._model.inputs, pooling.output), rows)

    def predict(self, rows: IntArray) -> FloatArray:
        """See Engine."""
        hidden = self._through(self._until_last, rows)
        found: FloatArray = np.asarray(logits(self._model.layers[-1], hidden))
        return found

    def _through(self, part: keras.Model, rows: IntArray) -> FloatArray:
        found: FloatArray = part.predict(PhotoBatches(self._dataset, rows, self._config), verbose=0)
        return found


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
