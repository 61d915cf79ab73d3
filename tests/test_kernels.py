"""The kernels in the program, against those of the Keras model that it was made from."""

import shutil
from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls.kernels import first_kernels
from imgcls.runs import PROGRAM, Run, RunError, load


def test_they_are_those_of_keras_with_the_normalization_folded_in(finished: Run) -> None:
    model = keras.saving.load_model(finished.file("model.keras"), compile=False)
    base = next(layer for layer in model.layers if isinstance(layer, keras.Model))
    kernel = base.get_layer("Conv1").kernel.numpy()  # height, width, colours, count
    norm = base.get_layer("bn_Conv1")
    scale = norm.gamma.numpy() / np.sqrt(norm.moving_variance.numpy() + norm.epsilon)
    expected = np.moveaxis(kernel * scale, -1, 0)
    assert expected.shape == (32, 3, 3, 3)
    np.testing.assert_allclose(first_kernels(finished), expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("content", [None, b"damaged"])
def test_without_a_program_it_is_explained(
    finished: Run, tmp_path: Path, content: bytes | None
) -> None:
    shutil.copytree(finished.path, tmp_path / "run")
    (tmp_path / "run" / PROGRAM).unlink()
    if content:
        (tmp_path / "run" / PROGRAM).write_bytes(content)
    with pytest.raises(RunError, match="cannot be loaded"):
        first_kernels(load(tmp_path / "run"))
