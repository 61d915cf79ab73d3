"""The network after phase 1 in NumPy, against Keras's and a gradient computed by TensorFlow."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from imgcls._utils.arrays import FloatArray
from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.phase_one import Answer, PhaseOne
from imgcls.inference.predictor import Predictor
from imgcls.inference.program import Program
from imgcls.networks.build import build_base, build_model, logits, named_outputs
from imgcls.networks.layers import cut_layer
from imgcls.networks.signature import FEATURE_MAPS, LOGITS
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.runs.files import PHASE_1_HEAD, PHASE_1_MODEL, PHASE_1_PROGRAM
from imgcls.runs.run import Run, RunError
from imgcls.training.programs import save_phase_one, save_program
from tests.support.runs import changed, copied

PHOTOS = sample_photos()


@pytest.fixture(scope="module")
def model(finished: Run) -> keras.Model:
    return keras.saving.load_model(finished.file(PHASE_1_MODEL), compile=False)


@pytest.fixture(scope="module")
def phase_one(finished: Run) -> PhaseOne:
    return PhaseOne(finished, Predictor(finished))


def keras_answer(model: keras.Model, size: int, photo: bytes) -> tuple[FloatArray, FloatArray]:
    """Return feature maps and logits by Keras's own layers."""
    pixels = read_rgb(photo, size)[np.newaxis].astype(np.float32)
    found = named_outputs(model)(pixels)
    return np.asarray(found[FEATURE_MAPS])[0], np.asarray(found[LOGITS])[0]


def assert_same(found: Answer, maps: FloatArray, expected: FloatArray) -> None:
    """The weights are kept in half precision: 11 bits, a relative error of up to 5e-4 each."""
    np.testing.assert_allclose(found.feature_maps, maps, atol=1e-2)
    np.testing.assert_allclose(found.logits, expected, atol=5e-3)


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
    np.testing.assert_allclose([share for _, share in found.top], np.sort(shares)[::-1], atol=2e-3)
    assert (found.label, found.probability) == found.top[0]


def test_it_is_not_the_finished_network(phase_one: PhaseOne, finished: Run) -> None:
    after = keras.saving.load_model(finished.file("model.keras"), compile=False)
    photo = PHOTOS["A flower"]
    maps, _ = keras_answer(after, finished.config.image_size, photo)
    assert np.abs(phase_one.predict(photo).feature_maps - maps).max() > 2e-2


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


@pytest.mark.parametrize("fine_tune_at", [0, 151])
def test_wherever_phase_2_begins(
    finished: Run, base_weights: Path, tmp_path: Path, fine_tune_at: int
) -> None:
    """A run of 64 px whose phase 2 changes every weight from the boundary on."""
    config = replace(
        PRESETS["paper"], image_size=64, fine_tune_at=fine_tune_at, engine="plain", dense_units=8
    )
    base = build_base(64, find_base_weights(64, base_weights))
    model = build_model(config, len(finished.class_names), base)
    run = changed(finished, path=tmp_path, config=config)
    save_phase_one(run, model)
    maps, _ = keras_answer(model, 64, PHOTOS["A flower"])
    for layer in base.layers[fine_tune_at:]:
        layer.set_weights([value * 1.05 for value in layer.get_weights()])
    save_program(run, model)
    found = PhaseOne(run, Predictor(run)).predict(PHOTOS["A flower"])
    after, _ = keras_answer(model, 64, PHOTOS["A flower"])
    # Many layers of random weights magnify what half precision rounds off.
    assert np.abs(found.feature_maps - maps).mean() < np.abs(after - maps).mean() / 10


@pytest.mark.parametrize("name", [PHASE_1_PROGRAM, PHASE_1_HEAD])
def test_a_run_that_does_not_keep_it_says_so(finished: Run, tmp_path: Path, name: str) -> None:
    run = copied(finished, tmp_path / "run")
    run.file(name).write_bytes(b"damaged")
    with pytest.raises(RunError, match=f"{name} cannot be read"):
        PhaseOne(run, Predictor(finished))
    run.file(name).unlink()
    with pytest.raises(RunError, match="does not keep the network as it was after phase 1"):
        PhaseOne(run, Predictor(finished))


def test_the_small_cnn_has_no_phase_before_its_only_one(finished: Run) -> None:
    run = changed(finished, config=PRESETS["scratch"])
    with pytest.raises(RunError, match="single phase"):
        PhaseOne(run, Predictor(finished))


def test_it_begins_at_the_cut(finished: Run) -> None:
    assert cut_layer(finished.config) == "block_13_project_BN"
    program = Program(finished.file(PHASE_1_PROGRAM).read_bytes())
    assert (program.input_name, program.output_names) == ("block_13_project_BN", [FEATURE_MAPS])
