"""A second pretrained base, from its one entry to an answer that is explained."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls.architectures.registry import NETWORKS
from imgcls.config import with_settings
from imgcls.data.bundled import sample_photos
from imgcls.data.dataset import open_dataset
from imgcls.data.images import read_rgb
from imgcls.inference.phase_one import PhaseOne
from imgcls.inference.predictor import Predictor
from imgcls.networks.build import named_outputs
from imgcls.networks.signature import FEATURE_MAPS, LOGITS, layer_outputs
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from imgcls.training.train import train
from tests.support.datasets import TINY

NETWORK = NETWORKS["mobilenet_v3_large"]
PHOTO = sample_photos()["A flower"]


@pytest.fixture(scope="module")
def run(drawn_photos: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of one epoch a phase, on random weights of a scale that lets signals pass."""
    folder = tmp_path_factory.mktemp("second")
    keras.utils.set_random_seed(0)
    (base,) = NETWORK.build(32)
    for layer in base.layers:
        if isinstance(layer, keras.layers.BatchNormalization):
            layer.momentum = 0.0  # one call sets the moving statistics to those of its batch
    base(np.random.default_rng(0).uniform(-1, 1, (64, 32, 32, 3)).astype("float32"), training=True)
    base.save_weights(folder / "base.weights.h5")
    config = replace(
        with_settings(PRESETS["paper"], TINY),
        architecture=NETWORK.name,
        engine="plain",
        initial_epochs=1,
        fine_tune_epochs=1,
        fine_tune_at=168,
    )
    return train(
        config,
        open_dataset(drawn_photos),
        folder / "models",
        preset="paper",
        weights_file=folder / "base.weights.h5",
    )


def test_it_is_trained_in_two_phases_and_says_what_it_rests_on(run: Run) -> None:
    assert run.status == "finished"
    assert len(run.history) == 2
    assert run.record.base is not None
    assert "origin is not known" in run.record.base.note


@pytest.mark.parametrize("file", ["phase1.keras", "model.keras"])
def test_answers_are_those_of_keras(run: Run, file: str) -> None:
    model = keras.saving.load_model(run.file(file), compile=False)
    pixels = read_rgb(PHOTO, 32)
    names = layer_outputs(run.config)
    expected = named_outputs(model, names)(pixels[np.newaxis].astype(np.float32))
    predictor = Predictor(run)
    if file == "phase1.keras":
        found = PhaseOne(run, predictor).predict(PHOTO)
        np.testing.assert_allclose(found.logits, expected[LOGITS][0], atol=5e-3)
        return
    answer = predictor.predict(PHOTO)
    np.testing.assert_allclose(answer.feature_maps, expected[FEATURE_MAPS][0], atol=1e-3)
    for name, values in predictor.layer_outputs(pixels, names).items():
        np.testing.assert_allclose(values, expected[name][0], atol=1e-3, err_msg=name)
    assert predictor.kernels("conv").shape == (16, 3, 3, 3)
    assert predictor.grad_cam(answer, answer.label).shape == (1, 1)


def test_moving_statistics_stay_as_they_were_to_the_bit(run: Run) -> None:
    before, after = (
        keras.saving.load_model(run.file(file), compile=False)
        for file in ("phase1.keras", "model.keras")
    )
    moved = 0
    for one, other in zip(before.weights, after.weights, strict=True):
        same = np.array_equal(one.numpy(), other.numpy())
        moved += not same
        if "moving" in one.path:
            assert same, one.path
    assert moved > 4  # what phase 2 trains
