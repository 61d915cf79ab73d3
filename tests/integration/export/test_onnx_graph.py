"""Every network as ONNX answers as in Keras, calibrated as people are told."""

from dataclasses import replace
from typing import Any

import keras
import numpy as np
import onnxruntime
import pytest

from imgcls._utils.arrays import FloatArray
from imgcls.architectures.registry import NETWORKS
from imgcls.export.classifier import calibrated
from imgcls.export.onnx_graph import UnknownLayerError, to_onnx
from imgcls.inference.confidence import Confidence
from imgcls.inference.softmax import negative_energy
from imgcls.networks.build import build_model
from imgcls.presets import PRESETS

SIZE, CLASSES = 64, 3
UNSURE = Confidence(temperature=1.5, photos=8, calibrated=False)


def photos(count: int) -> FloatArray:
    return np.random.default_rng(0).uniform(0, 255, (count, SIZE, SIZE, 3)).astype(np.float32)


@pytest.fixture(scope="module", params=NETWORKS)
def model(request: pytest.FixtureRequest) -> keras.Model:
    """Return a network with random weights, through which signals pass."""
    network = NETWORKS[request.param]
    scratch = network.pretrained is None
    preset = PRESETS["scratch" if scratch else "paper"]
    config = replace(preset, architecture=network.name, image_size=SIZE, engine="plain")
    built = build_model(config, CLASSES, None if scratch else network.build(SIZE)[0])
    for layer in built._flatten_layers():
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # one call sets the moving statistics to those of its batch
    built(photos(20), training=True)
    return built


def test_the_graph_says_what_people_are_told_of_the_networks_logits(model: keras.Model) -> None:
    written = to_onnx(calibrated(model, UNSURE), {"a": "b"})
    session = onnxruntime.InferenceSession(written.SerializeToString())
    probabilities, score = session.run(["probabilities", "score"], {"photo": photos(5)})
    hidden: Any = photos(5)
    for layer in model.layers[:-1]:
        hidden = layer(hidden)
    kernel, bias = model.layers[-1].get_weights()
    logits = np.asarray(hidden) @ kernel + bias
    assert np.ptp(negative_energy(logits)) > 1e-3  # the photos are told apart
    np.testing.assert_allclose(probabilities, UNSURE.probabilities(logits), atol=1e-5)
    np.testing.assert_allclose(score, negative_energy(logits), rtol=1e-4)
    assert session.get_modelmeta().custom_metadata_map == {"a": "b"}


def test_a_layer_that_nobody_has_written_yet_is_named() -> None:
    photo = keras.Input((8, 8, 3), name="photo")
    flipped = keras.layers.Flatten(name="score")(photo)
    with pytest.raises(UnknownLayerError, match="score is a Flatten, which cannot be written"):
        to_onnx(keras.Model(photo, {"score": flipped}), {})
