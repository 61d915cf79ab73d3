"""What a run's program gives besides its answer, by name, against Keras's own layers."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from tensorflow.lite.tools import flatbuffer_utils

from imgcls.cli.main import main
from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.phase_one import PhaseOne
from imgcls.inference.predictor import Predictor
from imgcls.networks.build import build_model, find_base
from imgcls.networks.feature_info import depths, first_convolution
from imgcls.networks.signature import UNNAMED, layer_outputs
from imgcls.presets import PRESETS
from imgcls.runs.files import PHASE_1_PROGRAM, PROGRAM
from imgcls.runs.run import Run, RunError
from imgcls.training.programs import save_program, upgrade
from tests.support.runs import changed, copied

SIZE = 32
PIXELS = read_rgb(sample_photos()["A flower"], SIZE)
SCALED = PIXELS[np.newaxis].astype(np.float32) / 127.5 - 1


@pytest.fixture(scope="module")
def predictor(finished: Run) -> Predictor:
    return Predictor(finished)


@pytest.fixture(scope="module")
def base(finished: Run) -> keras.Model:
    model = keras.saving.load_model(finished.file("model.keras"), compile=False)
    found = find_base(model)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def small_cnn(
    finished: Run, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Predictor, keras.Model]:
    config = replace(PRESETS["scratch"], image_size=SIZE)
    model = build_model(config, len(finished.class_names), None)
    run = changed(finished, path=tmp_path_factory.mktemp("small"), config=config)
    save_program(run, model)
    return Predictor(run), model


def test_every_output_is_that_of_keras(
    predictor: Predictor, finished: Run, base: keras.Model
) -> None:
    names = layer_outputs(finished.config)
    assert names == [
        *(depth.layer for depth in depths(finished.config)),
        "block_13_project_BN",
    ]
    expected = keras.Model(base.input, [base.get_layer(name).output for name in names])(SCALED)
    found = predictor.layer_outputs(PIXELS, names)
    for name, values in zip(names, expected, strict=True):
        assert found[name].shape == values.shape[1:], name
        np.testing.assert_allclose(found[name], values[0], atol=2e-3, err_msg=name)


def test_the_small_cnn_has_its_own(small_cnn: tuple[Predictor, keras.Model]) -> None:
    predictor, model = small_cnn
    names = ["conv1", "conv2", "conv3", "conv4", "pool4"]
    inner = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    expected = inner([PIXELS[np.newaxis].astype(np.float32)])
    found = predictor.layer_outputs(PIXELS, names)
    for name, values in zip(names, expected, strict=True):
        np.testing.assert_allclose(found[name], values[0], atol=1e-5)


def test_residual_blocks_are_looked_into_like_a_base(finished: Run, tmp_path: Path) -> None:
    config = replace(PRESETS["scratch-residual"], image_size=SIZE)
    model = build_model(config, len(finished.class_names), None)
    model(np.random.default_rng(0).uniform(0, 255, (8, SIZE, SIZE, 3)), training=True)
    body = find_base(model)
    assert body is not None
    run = changed(finished, path=tmp_path, config=config)
    save_program(run, model)
    names = layer_outputs(config)
    assert names[0] == "conv_relu"
    assert names[-1] == "block_4_relu"
    expected = keras.Model(body.input, [body.get_layer(name).output for name in names])(SCALED)
    predictor = Predictor(run)
    found = predictor.layer_outputs(PIXELS, names)
    for name, values in zip(names, expected, strict=True):
        np.testing.assert_allclose(found[name], values[0], atol=2e-3, err_msg=name)
    scale, _, _, variance = body.get_layer("conv_bn").get_weights()
    (kernel,) = body.get_layer("conv").get_weights()
    folded = kernel * (scale / np.sqrt(variance + body.get_layer("conv_bn").epsilon))
    np.testing.assert_allclose(predictor.kernels("conv"), folded.transpose(3, 0, 1, 2), atol=1e-5)


def test_kernels_hold_the_scale_of_their_normalization(
    predictor: Predictor, finished: Run, base: keras.Model
) -> None:
    norm = base.get_layer("bn_Conv1")
    scale, _, _, variance = norm.get_weights()
    (kernel,) = base.get_layer("Conv1").get_weights()
    expected = kernel * (scale / np.sqrt(variance + norm.epsilon))
    found = predictor.kernels(first_convolution(finished.config))
    assert found.shape == (32, 3, 3, 3)
    np.testing.assert_allclose(found, expected.transpose(3, 0, 1, 2), atol=1e-5)


def test_kernels_of_the_small_cnn(small_cnn: tuple[Predictor, keras.Model]) -> None:
    predictor, model = small_cnn
    kernel, _ = model.get_layer("conv1").get_weights()
    np.testing.assert_allclose(predictor.kernels("conv1"), kernel.transpose(3, 0, 1, 2))


@pytest.fixture
def rewritten(finished: Run, tmp_path: Path) -> Callable[[Callable[[object], None]], Run]:
    """Return a function that gives a copy of the run with its program changed."""

    def rewrite(change: Callable[[object], None]) -> Run:
        run = copied(finished, tmp_path / "run")
        program = flatbuffer_utils.read_model(str(run.file(PROGRAM)))
        change(program)
        flatbuffer_utils.write_model(program, str(run.file(PROGRAM)))
        return run

    return rewrite


def without_names(program: object) -> None:
    """Make a program what it was before there were signatures: three outputs in an order."""
    (signature,) = program.signatureDefs  # type: ignore[attr-defined]
    tensors = {output.name.decode(): output.tensorIndex for output in signature.outputs}
    program.subgraphs[0].outputs = [tensors[name] for name in UNNAMED]  # type: ignore[attr-defined]
    program.signatureDefs = None  # type: ignore[attr-defined]


def test_a_program_of_an_earlier_version_answers_as_ever(
    predictor: Predictor, rewritten: Callable[[Callable[[object], None]], Run]
) -> None:
    old = Predictor(rewritten(without_names))
    photo = sample_photos()["A flower"]
    found, expected = old.predict(photo), predictor.predict(photo)
    assert dict(found.top) == pytest.approx(dict(expected.top), abs=1e-6)
    np.testing.assert_allclose(found.feature_maps, expected.feature_maps, atol=1e-6)


def test_what_it_does_not_give_is_told_with_what_to_do(
    rewritten: Callable[[Callable[[object], None]], Run],
) -> None:
    old = Predictor(rewritten(without_names))
    with pytest.raises(RunError, match=r"earlier version.*give Conv1/kernel.*imgcls upgrade run"):
        old.kernels("Conv1")
    with pytest.raises(RunError, match="give Conv1_relu, block_2_add"):
        old.layer_outputs(PIXELS, ["block_2_add", "Conv1_relu"])


def test_it_can_be_brought_up_to_date(
    finished: Run,
    rewritten: Callable[[Callable[[object], None]], Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = rewritten(without_names)
    run.file(PHASE_1_PROGRAM).unlink()
    monkeypatch.setenv("IMGCLS_MODELS", str(run.path.parent))
    assert main(["upgrade", run.id]) == 0
    photo = sample_photos()["A flower"]
    found, expected = (PhaseOne(each, Predictor(each)).predict(photo) for each in (run, finished))
    np.testing.assert_array_equal(found.logits, expected.logits)
    assert Predictor(run).kernels("Conv1").shape == (32, 3, 3, 3)
    run.file("phase1.keras").unlink()
    with pytest.raises(RunError, match="Train the run again: python -m imgcls train"):
        upgrade(run)


def test_a_program_of_something_else_is_refused(
    rewritten: Callable[[Callable[[object], None]], Run],
) -> None:
    def damage(program: object) -> None:
        program.signatureDefs = None  # type: ignore[attr-defined]

    with pytest.raises(RunError, match="its outputs have no names"):
        Predictor(rewritten(damage))
