"""Base weights that nobody trained."""

from pathlib import Path

import numpy as np


def make_weights(folder: Path) -> None:
    """Write base.h5: random weights of MobileNetV2, of a scale that lets signals pass."""
    import keras

    keras.utils.set_random_seed(0)
    base = keras.applications.MobileNetV2(input_shape=(32, 32, 3), include_top=False, weights=None)
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # one call sets the moving statistics to those of its batch
    pixels = np.random.default_rng(0).uniform(-1, 1, (64, 32, 32, 3)).astype("float32")
    base(pixels, training=True)
    base.save(folder / "base.h5")  # the older format, in which Keras offers them for download
