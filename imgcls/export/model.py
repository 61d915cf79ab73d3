"""A run's model in the formats of other programs."""

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from imgcls.errors import ImgclsError
from imgcls.runs.files import PROGRAM
from imgcls.runs.run import Run

if TYPE_CHECKING:
    import keras
    import tensorflow as tf


FORMATS = ("keras", "savedmodel", "litert", "onnx")
# The files that a run has already.
KEPT = {"keras": "model.keras", "litert": PROGRAM}


class ExportError(ImgclsError):
    """A model that cannot be exported; the message is for people."""


def export(run: Run, format: str, out: Path) -> None:
    """Write the run's model to `out`: a folder for "savedmodel", a file otherwise.

    Raises:
        ExportError: `out` exists, the run has no model, or the format is unknown.
    """
    if format not in FORMATS:
        raise ExportError(f"format: received {format!r}; allowed: {', '.join(FORMATS)}.")
    if out.exists():
        raise ExportError(f"{out} exists already: give another name or remove it.")
    source = run.file(KEPT.get(format, "model.keras"))
    if not source.is_file():
        raise ExportError(
            f"{run.id} is kept without {source.name}; what it can be exported as: "
            f"{', '.join(f for f in FORMATS if run.file(KEPT.get(f, KEPT['keras'])).is_file())}."
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        finished = Path(folder, out.name)
        if format in KEPT:
            shutil.copyfile(source, finished)
        else:
            _export_keras(source, format, finished)
        finished.rename(out)


def _export_keras(source: Path, format: str, out: Path) -> None:
    import keras

    try:
        model = keras.saving.load_model(source, compile=False)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ExportError(f"{source} cannot be loaded: {error}") from error
    if format == "onnx":
        _export_onnx(model, out)
        return
    # Keras reports on standard output, which belongs to the command's answer.
    with contextlib.redirect_stdout(sys.stderr):
        model.export(out, format="tf_saved_model", verbose=False)


def _export_onnx(model: "keras.Model", out: Path) -> None:
    # Keras's own `export(format="onnx")` calls tf2onnx too, after detours that take four times as
    # long, and patches it on the way with a name that NumPy has retired.
    import tensorflow as tf
    import tf2onnx

    photo = tf.TensorSpec(model.inputs[0].shape, tf.float32, name="photo")

    @tf.function(input_signature=[photo])
    def call(photos: "tf.Tensor") -> dict[str, "tf.Tensor"]:
        return {"predictions": model(photos, training=False)}

    tf2onnx.convert.from_function(call, [photo], output_path=out)
