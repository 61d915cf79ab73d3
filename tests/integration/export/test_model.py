"""A run in the formats of other programs, loaded by those programs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import ai_edge_litert.interpreter
import keras
import numpy as np
import onnxruntime
import pytest
import tensorflow as tf

from imgcls.config import PRESETS, with_settings
from imgcls.export.model import FORMATS, ExportError, export
from imgcls.networks.build import build_model
from imgcls.runs.run import Run
from tests.support.runs import example

Array = np.ndarray[Any, Any]


def run_keras(path: Path, photos: Array) -> Array:
    outputs: Array = keras.saving.load_model(path).predict(photos, verbose=0)
    return outputs


def run_savedmodel(path: Path, photos: Array) -> Array:
    loaded = tf.saved_model.load(path)  # its functions only work while it is held
    outputs: Array = loaded.serve(photos).numpy()
    return outputs


def run_litert(path: Path, photos: Array) -> Array:
    interpreter = ai_edge_litert.interpreter.Interpreter(str(path))
    run = interpreter.get_signature_runner()
    logits = np.concatenate([run(photo=pixels[np.newaxis])["logits"] for pixels in photos])
    return np.asarray(1 / (1 + np.exp(-logits)))  # the last layer's sigmoid


def run_onnx(path: Path, photos: Array) -> Array:
    session = onnxruntime.InferenceSession(path)
    assert [photo.name for photo in session.get_inputs()] == ["photo"]
    (outputs,) = session.run(["predictions"], {"photo": photos})
    return np.asarray(outputs)


RUNTIMES: dict[str, Callable[[Path, Array], Array]] = {
    "keras": run_keras,
    "savedmodel": run_savedmodel,
    "litert": run_litert,
    "onnx": run_onnx,
}


@pytest.fixture(scope="module")
def photos() -> Array:
    return np.random.default_rng(0).uniform(0, 255, (3, 32, 32, 3)).astype(np.float32)


@pytest.mark.parametrize("format", FORMATS)
def test_loads_in_its_own_runtime_and_answers_like_the_model(
    finished: Run, photos: Array, tmp_path: Path, format: str
) -> None:
    out = tmp_path / "new" / f"model.{format}"
    export(finished, format, out)
    assert out.is_dir() == (format == "savedmodel")
    assert [out] == list(out.parent.iterdir())
    model = keras.saving.load_model(finished.file("model.keras"), compile=False)
    expected = model.predict(photos, verbose=0)
    assert np.ptp(expected, axis=0).max() > 0.01  # the photos are told apart
    np.testing.assert_allclose(RUNTIMES[format](out, photos), expected, atol=1e-3)


@pytest.fixture(scope="module")
def small(finished: Run, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of the small CNN, not trained."""
    config = with_settings(PRESETS["scratch"], ["image_size=32"])
    run = Run(tmp_path_factory.mktemp("models") / "scratch-1", finished.record)
    run.path.mkdir()
    build_model(config, 3, None).save(run.file("model.keras"))
    return run


@pytest.mark.parametrize("format", ["savedmodel", "onnx"])
def test_small_cnn_too(small: Run, photos: Array, tmp_path: Path, format: str) -> None:
    export(small, format, tmp_path / "model")
    model = keras.saving.load_model(small.file("model.keras"), compile=False)
    expected = model.predict(photos, verbose=0)
    np.testing.assert_allclose(RUNTIMES[format](tmp_path / "model", photos), expected, atol=1e-3)


def test_nothing_is_overwritten(finished: Run, tmp_path: Path) -> None:
    out = tmp_path / "model.keras"
    out.write_text("precious")
    with pytest.raises(ExportError, match="exists already"):
        export(finished, "keras", out)
    assert out.read_text() == "precious"


def test_unknown_format_names_those_there_are(finished: Run, tmp_path: Path) -> None:
    with pytest.raises(
        ExportError, match="received 'pickle'; allowed: keras, savedmodel, litert, onnx"
    ):
        export(finished, "pickle", tmp_path / "model")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", FORMATS)
def test_run_without_a_model(tmp_path: Path, format: str) -> None:
    run = Run(tmp_path / "paper-1", example())
    with pytest.raises(ExportError, match=r"paper-[0-9a-f]{8} is kept without model\.\w+"):
        export(run, format, tmp_path / "out" / "model")
    assert not list(tmp_path.iterdir())


def test_export_that_fails_leaves_nothing_behind(small: Run, tmp_path: Path) -> None:
    damaged = Run(tmp_path / "paper-1", example())
    damaged.path.mkdir()
    content = small.file("model.keras").read_bytes()
    damaged.file("model.keras").write_bytes(content[: len(content) // 2])
    with pytest.raises(ExportError, match=r"model\.keras cannot be loaded"):
        export(damaged, "savedmodel", tmp_path / "out" / "model")
    assert not list((tmp_path / "out").iterdir())
