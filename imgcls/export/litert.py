"""A classifier as a LiteRT program, with the names of its classes inside."""

import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imgcls.export.classifier import Classifier
from imgcls.networks.convert import convert
from imgcls.networks.signature import PHOTO

if TYPE_CHECKING:
    import tensorflow as tf


def write(classifier: Classifier, path: Path) -> None:
    """Write it with numbers of 32 bits."""
    _write(classifier, path)


def write_half(classifier: Classifier, path: Path) -> None:
    """Write it with weights of 16 bits."""
    _write(classifier, path, half=True)


def write_int8(classifier: Classifier, path: Path) -> None:
    """Write it with weights and values of 8 bits, a scale for each channel.

    Raises:
        RunError: the photos it was trained on, on which the scales depend, are not at hand.
    """
    _write(classifier, path, examples=list(classifier.training_photos()))


def append_files(path: Path, files: Mapping[str, bytes]) -> None:
    """Append a zip of small files, as LiteRT's metadata does: `unzip model.tflite` finds them.

    Programs that read the model see nothing of it; a .keras file is a zip anyway.
    """
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)


def _write(classifier: Classifier, path: Path, **options: Any) -> None:
    model = classifier.model

    def call(photo: "tf.Tensor") -> Mapping[str, Any]:
        found: Mapping[str, Any] = model(photo, training=False)
        return found

    path.write_bytes(convert(call, PHOTO, model.input_shape[1:], **options))
    append_files(path, classifier.files)
