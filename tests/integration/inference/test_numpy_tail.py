"""The base in NumPy, against Keras's own layers."""

from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls.config import TrainConfig
from imgcls.inference.numpy_tail import NumpyTail
from imgcls.networks.build import build_base
from imgcls.networks.layers import network_layers
from imgcls.networks.weights import find_base_weights


@pytest.fixture(scope="module", params=[32, 96])
def base(request: pytest.FixtureRequest, base_weights: Path) -> keras.Model:
    return build_base(request.param, find_base_weights(request.param, base_weights))


# From the photo on, and behind bottlenecks of each kind.
@pytest.mark.parametrize("cut", [0, 8, 17, 26, 124, 150])
def test_maps_are_those_of_keras(base: keras.Model, cut: int) -> None:
    config = TrainConfig(image_size=base.input_shape[1])
    layers = [layer for layer in network_layers(config) if layer.base_index is not None]
    weights = {layer.name: layer.get_weights() for layer in base.layers}
    features = np.random.default_rng(cut).normal(size=base.layers[cut].output.shape[1:])
    features = features.astype(np.float32)
    expected = keras.Model(base.layers[cut].output, base.output)(features[np.newaxis])[0]
    found = NumpyTail(layers[cut + 1 :], weights)(features)
    assert found.dtype == np.float32
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=2e-3)
    assert np.asarray(expected).std() > 0.1  # a network that lets signals pass
