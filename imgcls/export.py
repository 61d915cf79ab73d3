"""A run's model in the formats of other programs."""

import contextlib
import shutil
import sys
import tempfile
from pathlib import Path

from imgcls.errors import ImgclsError
from imgcls.runs import Run

FORMATS = ("keras", "savedmodel", "litert", "onnx")
# The files that a run has already.
KEPT = {"keras": "model.keras", "litert": "model.tflite"}


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
        raise ExportError(f"{run.id} has no {source.name} to export.")
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

    model = keras.saving.load_model(source, compile=False)
    # Keras reports on standard output, which belongs to the command's answer.
    with contextlib.redirect_stdout(sys.stderr):
        kind = {"savedmodel": "tf_saved_model", "onnx": "onnx"}[format]
        model.export(out, format=kind, verbose=False)
