"""The network after phase 1 in NumPy, against Keras's and a gradient computed by TensorFlow."""

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from imgcls._utils.arrays import FloatArray
from imgcls.config import PRESETS
from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.layer_outputs import LayerOutputs
from imgcls.inference.phase_one import Answer, PhaseOne
from imgcls.inference.program import convert
from imgcls.networks.build import build_base, build_model, logits, with_feature_maps
from imgcls.networks.layers import cut_index, network_layers
from imgcls.networks.weights import find_base_weights
from imgcls.runs.files import PHASE_1_MODEL, PROGRAM
from imgcls.runs.run import Run, RunError
from tests.support.runs import changed

PHOTOS = sample_photos()


@pytest.fixture(scope="module")
def model(finished: Run) -> keras.Model:
    return keras.saving.load_model(finished.file(PHASE_1_MODEL), compile=False)


@pytest.fixture(scope="module")
def phase_one(finished: Run) -> PhaseOne:
    return PhaseOne.load(finished)


def keras_answer(model: keras.Model, size: int, photo: bytes) -> tuple[FloatArray, FloatArray]:
    """Return feature maps and logits by Keras's own layers."""
    pixels = read_rgb(photo, size)[np.newaxis].astype(np.float32)
    _, maps, found = with_feature_maps(model)([pixels])
    return np.asarray(maps)[0], np.asarray(found)[0]


def assert_same(found: Answer, maps: FloatArray, expected: FloatArray, atol: float = 1e-4) -> None:
    np.testing.assert_allclose(found.feature_maps, maps, atol=atol)
    np.testing.assert_allclose(found.logits, expected, atol=atol)


@pytest.mark.parametrize("name", PHOTOS)
def test_answers_are_those_of_keras(
    phase_one: PhaseOne, model: keras.Model, finished: Run, name: str
) -> None:
    found = phase_one.predict(PHOTOS[name])
    maps, expected = keras_answer(model, finished.config.image_size, PHOTOS[name])
    assert_same(found, maps, expected)
    shares = tf.nn.softmax(expected).numpy()
    assert [finished.class_names.index(label) for label, _ in found.top] == list(
        np.argsort(-shares)
    )
    np.testing.assert_allclose([share for _, share in found.top], np.sort(shares)[::-1], atol=1e-4)
    assert (found.label, found.probability) == found.top[0]


def test_it_is_not_the_finished_network(phase_one: PhaseOne, finished: Run) -> None:
    after = keras.saving.load_model(finished.file("model.keras"), compile=False)
    photo = PHOTOS["A flower"]
    maps, _ = keras_answer(after, finished.config.image_size, photo)
    assert np.abs(phase_one.predict(photo).feature_maps - maps).max() > 1e-3


def test_grad_cam_is_that_by_a_gradient(
    phase_one: PhaseOne, model: keras.Model, finished: Run
) -> None:
    found = phase_one.predict(PHOTOS["A temple"])
    values = tf.constant(found.feature_maps[np.newaxis])
    for label, name in enumerate(finished.class_names):
        with tf.GradientTape() as tape:
            tape.watch(values)
            pooled = model.get_layer("global_average_pooling")(values)
            chosen = logits(model.layers[-1], model.get_layer("dense")(pooled))[0, label]
        weights = tf.reduce_mean(tape.gradient(chosen, values), axis=[1, 2])[0]
        expected = tf.nn.relu(tf.tensordot(values[0], weights, 1)).numpy()
        np.testing.assert_allclose(phase_one.grad_cam(found, name), expected, rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("fine_tune_at", [0, 75, 151])
def test_wherever_phase_2_begins(
    finished: Run, base_weights: Path, tmp_path: Path, fine_tune_at: int
) -> None:
    """A run of 64 px whose phase 2 changes every weight from the boundary on."""
    config = replace(
        PRESETS["paper"], image_size=64, fine_tune_at=fine_tune_at, engine="plain", dense_units=8
    )
    base = build_base(64, find_base_weights(64, base_weights))
    model = build_model(config, len(finished.class_names), base)
    model.save(tmp_path / PHASE_1_MODEL)
    maps, expected = keras_answer(model, 64, PHOTOS["A flower"])
    for layer in base.layers[fine_tune_at:]:
        layer.set_weights([value * 1.01 for value in layer.get_weights()])
    (tmp_path / PROGRAM).write_bytes(convert(with_feature_maps(model), 64))
    run = changed(finished, path=tmp_path, config=config)
    # Random weights magnify how LiteRT rounds; phase 2 here moves some values 20 times as far.
    found = PhaseOne.load(run).predict(PHOTOS["A flower"])
    assert_same(found, maps, expected, atol=2e-3)
    after, _ = keras_answer(model, 64, PHOTOS["A flower"])
    assert np.abs(after - maps).max() > 0.04


def test_it_shares_what_is_in_memory_already(finished: Run, phase_one: PhaseOne) -> None:
    shared = PhaseOne(finished, LayerOutputs(finished)).predict(PHOTOS["A temple"])
    np.testing.assert_array_equal(shared.logits, phase_one.predict(PHOTOS["A temple"]).logits)


def test_a_run_that_does_not_keep_it_says_so(finished: Run, tmp_path: Path) -> None:
    shutil.copytree(finished.path, tmp_path / "run")
    run = Run(tmp_path / "run", finished.record)
    run.file(PHASE_1_MODEL).write_bytes(b"damaged")
    with pytest.raises(RunError, match="cannot be read"):
        PhaseOne.load(run)
    run.file(PHASE_1_MODEL).unlink()
    with pytest.raises(RunError, match="does not keep the network as it was after phase 1"):
        PhaseOne.load(run)


def test_the_small_cnn_has_no_phase_before_its_only_one(finished: Run) -> None:
    run = changed(finished, config=PRESETS["scratch"])
    with pytest.raises(RunError, match="single phase"):
        PhaseOne.load(run)


def test_the_cut_is_a_layer_of_the_program(finished: Run) -> None:
    at = cut_index(finished.config)
    assert network_layers(finished.config)[at + 1].name == "block_13_project_BN"
    assert "block_13_project_BN" in LayerOutputs(finished).names
