"""What inner layers make of a photo, against Keras's intermediate outputs."""

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls.config import PRESETS
from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.layer_outputs import LayerOutputs
from imgcls.inference.program import convert
from imgcls.networks.build import build_model, find_base, with_feature_maps
from imgcls.runs.files import PROGRAM
from imgcls.runs.run import Run, RunError
from tests.support.runs import changed

SIZE = 32
PIXELS = read_rgb(sample_photos()["A flower"], SIZE)
SCALED = PIXELS[np.newaxis].astype(np.float32) / 127.5 - 1


@pytest.fixture(scope="module")
def outputs(finished: Run) -> LayerOutputs:
    return LayerOutputs(finished)


@pytest.fixture(scope="module")
def base(finished: Run) -> keras.Model:
    model = keras.saving.load_model(finished.file("model.keras"), compile=False)
    found = find_base(model)
    assert found is not None
    return found


@pytest.fixture(scope="module")
def small_cnn(finished: Run, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, keras.Model]:
    config = replace(PRESETS["scratch"], image_size=SIZE)
    model = build_model(config, len(finished.class_names), None)
    path = tmp_path_factory.mktemp("small")
    (path / PROGRAM).write_bytes(convert(with_feature_maps(model), SIZE))
    return changed(finished, path=path, config=config), model


def test_every_output_is_that_of_keras(outputs: LayerOutputs, base: keras.Model) -> None:
    names = outputs.names[1:]
    expected = keras.Model(base.input, [base.get_layer(name).output for name in names])(SCALED)
    found = outputs(PIXELS, names)
    for name, values in zip(names, expected, strict=True):
        assert found[name].shape == values.shape[1:], name
        np.testing.assert_allclose(found[name], values[0], atol=2e-3, err_msg=name)
    np.testing.assert_allclose(outputs(PIXELS, ["rescaling"])["rescaling"], SCALED[0], atol=1e-6)


def test_every_bottleneck_can_be_looked_into(outputs: LayerOutputs) -> None:
    parts = ("expand_relu", "depthwise_relu", "project_BN")
    expected = {f"block_{number}_{part}" for number in range(1, 17) for part in parts}
    assert expected | {"Conv1_relu", "block_2_add", "out_relu"} <= set(outputs.names)


def test_the_small_cnn_has_its_own(small_cnn: tuple[Run, keras.Model]) -> None:
    run, model = small_cnn
    outputs = LayerOutputs(run)
    names = [f"{kind}{block}" for block in range(1, 5) for kind in ("conv", "pool")]
    assert outputs.names == ["rescaling", *names]
    inner = keras.Model(model.inputs, [model.get_layer(name).output for name in names])
    expected = inner([PIXELS[np.newaxis].astype(np.float32)])
    for name, values in zip(names, expected, strict=True):
        np.testing.assert_allclose(outputs(PIXELS, names)[name], values[0], atol=1e-5)


def test_kernels_hold_the_scale_of_their_normalization(
    outputs: LayerOutputs, base: keras.Model
) -> None:
    norm = base.get_layer("bn_Conv1")
    scale, _, _, variance = norm.get_weights()
    (kernel,) = base.get_layer("Conv1").get_weights()
    expected = kernel * (scale / np.sqrt(variance + norm.epsilon))
    found = outputs.kernels("Conv1")
    assert found.shape == (32, 3, 3, 3)
    np.testing.assert_allclose(found, expected.transpose(3, 0, 1, 2), atol=1e-5)


def test_kernels_of_the_small_cnn(small_cnn: tuple[Run, keras.Model]) -> None:
    run, model = small_cnn
    kernel, _ = model.get_layer("conv1").get_weights()
    np.testing.assert_allclose(LayerOutputs(run).kernels("conv1"), kernel.transpose(3, 0, 1, 2))


def test_a_run_without_its_program_says_so(finished: Run, tmp_path: Path) -> None:
    shutil.copytree(finished.path, tmp_path / "run")
    run = Run(tmp_path / "run", finished.record)
    run.file(PROGRAM).write_bytes(b"damaged")
    with pytest.raises(RunError, match="cannot be loaded"):
        LayerOutputs(run)
    run.file(PROGRAM).unlink()
    with pytest.raises(RunError, match="cannot be loaded"):
        LayerOutputs(run)
