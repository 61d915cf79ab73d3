"""Adam as a recipe asks for it: its learning rate over the steps of a phase, and weight decay."""

from typing import Any

import keras

from imgcls.config import Phase, TrainConfig

RISING = 0.25  # share of the steps; see the setting `schedule`
BEGINNING = 1 / 25  # of the highest rate
NOT_DECAYED = ("beta", "gamma", "bias")  # what shifts and scales is no reason to overfit


def adam(config: TrainConfig, phase: Phase, photos: int) -> Any:
    """Return Keras's optimizer for a phase. Arguments as of `learning_rate`."""
    decay = config.weight_decay or None
    optimizer = keras.optimizers.Adam(learning_rate(config, phase, photos), weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=list(NOT_DECAYED))
    return optimizer


def learning_rate(config: TrainConfig, phase: Phase, photos: int) -> Any:
    """Return what an optimizer of Keras takes: a number, or a schedule of Keras's own.

    "one-cycle" rises linearly to the phase's rate and falls to 0 as half a cosine (after Smith and
    Topin 2017). Keras counts the steps in the optimizer, whose state a checkpoint keeps: a training
    that was killed goes on with the rate that it would have had.

    Args:
        config: the recipe.
        phase: the one that begins.
        photos: number of training photos.
    """
    if config.schedule == "constant":
        return phase.learning_rate
    steps = phase.epochs * config.steps_per_epoch(photos)
    rising = max(1, round(RISING * steps))
    return keras.optimizers.schedules.CosineDecay(
        phase.learning_rate * BEGINNING,
        max(1, steps - rising),
        warmup_target=phase.learning_rate,
        warmup_steps=rising,
    )
