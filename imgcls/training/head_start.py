"""A head that begins where logistic regression ends, instead of at random.

With a few photos a class the penalty of logistic regression matters: a head trained from random
weights fits the photos as well and answers for others worse, see docs/small-data.md.
"""

from typing import TYPE_CHECKING

import numpy as np

from imgcls._utils.arrays import Floats, IntArray
from imgcls.config import ConfigError, TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.evaluation.own_photos import instant
from imgcls.training.engines.base import class_weights
from imgcls.training.features import Features, row_labels

if TYPE_CHECKING:
    import keras

SPREADS = 10  # standard deviations of the logits that the hidden units are lifted above zero


def start_head(
    model: "keras.Model", features: Features, dataset: Dataset, config: TrainConfig
) -> None:
    """Let the head of a model begin where logistic regression on all views of the photos ends.

    Raises:
        ConfigError: there are more classes than hidden units.
    """
    rows = features.view_rows.ravel()
    labels = row_labels(features, dataset)[rows]
    weights = np.full(len(rows), 1 / len(features.view_rows))
    if config.class_weights == "balanced":
        weights *= class_weights(labels)[labels]
    from_logistic_regression(model, features.pooled[rows].astype(np.float32), labels, weights)


def from_logistic_regression(
    model: "keras.Model", features: Floats, labels: IntArray, weights: Floats
) -> None:
    """Set the head's weights so that it answers as logistic regression on the features does.

    The first hidden units carry a logit each, lifted so far that their ReLU lets it pass, and the
    last layer takes the lift off again. The other units keep their random weights, unheard at
    first.

    Args:
        model: as of `imgcls.networks.build.build_model`.
        features: pooled ones of training photos, shape (photos, channels).
        labels: shape (photos,); every class has at least one.
        weights: what each photo counts, shape (photos,).

    Raises:
        ConfigError: there are more classes than hidden units.
    """
    hidden, last = model.get_layer("dense"), model.layers[-1]
    units, classes = last.kernel.shape
    if units < classes:
        raise ConfigError(
            f"dense_units: received {units}; head_start=logistic needs a unit for each of the "
            f"{classes} classes: give {classes} or more, or head_start=random."
        )
    learned = instant.fit(features, labels, [str(label) for label in range(classes)], weights)
    logits = features @ learned.kernel + learned.bias
    lift = SPREADS * logits.std() - logits.min(axis=0)
    kernel, bias = hidden.get_weights()
    kernel[:, :classes], bias[:classes] = learned.kernel, learned.bias + lift
    hidden.set_weights([kernel, bias])
    last.set_weights([np.eye(units, classes), -lift])
