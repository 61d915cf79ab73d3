"""The fast way of training: on cached features, through the tail only."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import keras
import numpy as np
import tensorflow as tf

from imgcls._utils.arrays import FloatArray, IntArray
from imgcls.config import Phase, TrainConfig
from imgcls.networks.build import find_base, freeze, logits
from imgcls.networks.layers import cut_index
from imgcls.training.engines.base import OnStep, Totals, class_weights
from imgcls.training.engines.fused import FusedAdam, Tail
from imgcls.training.features import Features, row_labels

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset


STEPS_PER_CALL = 8  # saves a tenth of the time against single steps; stopping waits for these
PREDICT_BATCH = 256


def _tail(base: Any, config: TrainConfig, in_steps: tf.DType) -> Callable[[Any, bool], Any]:
    """Return a function of features at the cut and of whether this is training.

    Its products take factors of the type `in_steps` in training, and float32 in answers.
    """
    cut = cut_index(config)
    if config.batch_norm == "training":
        layers = keras.Model(base.layers[cut].output, base.output)
        return lambda features, training: layers(features, training=training)
    tail = Tail(base, cut)
    return lambda features, training: tail(features, in_steps if training else tf.float32)


class CachedEngine:
    """Trains `model` on features computed once, with the results of training through all of it.

    The recipe has no augmentation, so everything below the freeze boundary is a constant per
    photo. Phase 1 trains the head on pooled features, phase 2 the tail on those at the cut.

    Args:
        model: the network.
        features: of its frozen layers.
        dataset: the photos, with the labels to learn.
        config: the recipe.
        in_steps: what the tail's factors are rounded to while it learns, see
            `imgcls.training.engines.precision`; it answers in float32.
    """

    def __init__(
        self,
        model: keras.Model,
        features: Features,
        dataset: "Dataset",
        config: TrainConfig,
        in_steps: tf.DType = tf.float32,
    ) -> None:
        base = find_base(model)
        self._model = model
        self._features = features
        labels = row_labels(features, dataset)
        self._labels = tf.constant(labels)
        # None, not ones: what counts alike is computed as it always was, to the bit.
        balanced = config.class_weights == "balanced"
        trained = labels[features.view_rows[0]]
        self._class_weights = tf.constant(class_weights(trained)) if balanced else None
        self._batch_size = config.batch_size
        # Keras's own layers, which are taken for "training", stay as they are.
        self._in_steps = tf.float32 if config.batch_norm == "training" else in_steps
        self._tail = _tail(base, config, self._in_steps)
        pooling = model.get_layer("global_average_pooling")
        self._last = model.layers[-1]
        self._hidden = keras.Model(pooling.output, self._last.input)

    @property
    def variables(self) -> list[Any]:
        """See Engine."""
        return [*self._model.variables, *self._optimizer.variables]

    @property
    def product_type(self) -> str:
        """See Engine."""
        return self._in_steps.name if self._through_tail else "float32"

    def start_phase(self, phase: Phase) -> None:
        """See Engine."""
        freeze(self._model, phase.first_trainable)
        self._trained = [variable.value for variable in self._model.trainable_variables]
        self._optimizer = FusedAdam(self._trained, phase.learning_rate)
        self._through_tail = phase.first_trainable is not None
        source = self._features.cut if self._through_tail else self._features.pooled
        self._inputs = tf.constant(source)
        self._steps = tf.function(
            self._steps_eagerly, input_signature=[tf.TensorSpec((None, None), tf.int64)]
        )
        self._pooled = tf.function(
            partial(self._pool, training=False),
            input_signature=[tf.TensorSpec((None,), tf.int64)],
            autograph=False,
        )

    def train(self, rows: IntArray, on_step: OnStep) -> Totals:
        """See Engine."""
        totals = Totals()
        for batches in self._chunks(rows):
            loss, correct = self._steps(tf.constant(batches))
            totals += Totals(float(loss), int(correct), batches.size)
            if on_step(totals):
                break
        return totals

    def pooled(self, rows: IntArray) -> FloatArray:
        """See Engine."""
        starts = range(0, len(rows), PREDICT_BATCH)
        parts = [self._pooled(tf.constant(rows[at : at + PREDICT_BATCH])) for at in starts]
        return np.concatenate([part.numpy() for part in parts])

    def logits(self, pooled: FloatArray) -> FloatArray:
        """See Engine."""
        found: FloatArray = logits(self._last, self._hidden(pooled, training=False)).numpy()
        return found

    def _chunks(self, rows: IntArray) -> Iterator[IntArray]:
        whole = len(rows) // self._batch_size * self._batch_size
        batches = rows[:whole].reshape(-1, self._batch_size)
        for start in range(0, len(batches), STEPS_PER_CALL):
            yield batches[start : start + STEPS_PER_CALL]
        if whole < len(rows):
            yield rows[np.newaxis, whole:]

    def _pool(self, rows: Any, training: bool) -> Any:
        inputs = tf.cast(tf.gather(self._inputs, rows), tf.float32)
        if self._through_tail:
            return tf.reduce_mean(self._tail(inputs, training), axis=[1, 2])
        return inputs

    def _steps_eagerly(self, batches: Any) -> tuple[Any, Any]:
        loss_sum, correct = 0.0, tf.constant(0, tf.int64)
        for rows in batches:
            loss, right = self._step(rows)
            loss_sum += loss
            correct += right
        return loss_sum, correct

    @tf.autograph.experimental.do_not_convert  # nothing to convert, which takes a second to find
    def _step(self, rows: Any) -> tuple[Any, Any]:
        labels = tf.gather(self._labels, rows)
        with tf.GradientTape() as tape:
            hidden = self._hidden(self._pool(rows, training=True), training=True)
            found = logits(self._last, hidden)
            # What Keras computes for a sigmoid layer too, see `logits.probabilities`.
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, found)
            loss = tf.reduce_mean(self._weighted(losses, labels))
        self._optimizer.apply(tape.gradient(loss, self._trained))
        correct = tf.math.count_nonzero(tf.argmax(found, axis=1) == labels)
        return tf.reduce_sum(losses), correct

    def _weighted(self, losses: Any, labels: Any) -> Any:
        if self._class_weights is None:
            return losses
        return losses * tf.gather(self._class_weights, labels)
