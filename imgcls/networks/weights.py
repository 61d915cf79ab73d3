"""The pretrained base: find its weights, build it."""

import hashlib
import os
import shutil
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import urlopen

from imgcls._utils.files import replacing
from imgcls.errors import ImgclsError

if TYPE_CHECKING:
    pass


# Where keras.applications downloads from, and the sizes it has files for; others use 224's.
KERAS_WEIGHTS_URL = "https://storage.googleapis.com/tensorflow/keras-applications/mobilenet_v2/"
KERAS_SIZES = (96, 128, 160, 192, 224)
TIMEOUT = 30  # seconds without a byte
# What a weights file is known to be, by its SHA-256.
KNOWN_WEIGHTS = {
    "102a691e175c0747a9da59affe8b7bce915f9a814111257bf65163730a50e1c6": (
        "Keras's own ImageNet weights for 224 px, unchanged"
    ),
    "a7ab2f82c669ada752850d7322f0fadbcc19b5ec5cb0442fc0f7a9503598058e": (
        "160 px base, last 30 layers adapted on Stanford Dogs; "
        "layers 0-123 are Keras's own ImageNet weights"
    ),
}
UNKNOWN = {
    "file": "a file given by the user; its origin is not known",
    "keras": "the file that Keras names ImageNet; its content is not known here",
}


class BaseWeightsError(ImgclsError):
    """No usable weights for the base; the message says where they were looked for."""


@dataclass(frozen=True)
class BaseWeights:
    """A file that holds the base's weights, and what is known of it.

    Attributes:
        source: "file" (given by the user), "keras" (Keras's cache or download) or "run" (the
            frozen base inside a finished run).
        path: an HDF5 weights file, or a .keras model when the source is "run".
        sha256: of the weights file; for a run, of the file that the run was made from.
        note: what these weights really are, in words.
        run: id of the run whose fine-tuned base it is; None for weights as they were found.
    """

    source: str
    path: Path
    sha256: str
    note: str
    run: str | None = None


def find_base_weights(
    image_size: int, weights_file: Path | None = None, fallback: BaseWeights | None = None
) -> BaseWeights:
    """Find weights for MobileNetV2 (alpha 1.0, no top).

    In this order: the file given, Keras's cache, the fallback, Keras's download. So a machine makes
    the same experiment with and without a network.

    Args:
        image_size: side of the input in pixels, see `weights_size`.
        weights_file: HDF5 file in the format of ``keras.applications``.
        fallback: the base inside a finished run.

    Raises:
        BaseWeightsError: none of them has it.
    """
    return find_local_weights(image_size, weights_file) or fallback or download(image_size)


def download(image_size: int) -> BaseWeights:
    """Fetch Keras's own weights (9 MB) into Keras's cache, where they are found from then on.

    Raises:
        BaseWeightsError: they cannot be fetched or kept.
    """
    path = _keras_path(image_size)
    try:
        # Not keras.utils.get_file: it would load TensorFlow into the app.
        with (
            urlopen(KERAS_WEIGHTS_URL + path.name, timeout=TIMEOUT) as response,
            replacing(path) as temporary,
            temporary.open("wb") as file,
        ):
            shutil.copyfileobj(response, file)
            if response.length:
                raise HTTPException(f"{response.length:,} bytes are missing")
    except (OSError, HTTPException) as error:
        raise BaseWeightsError(
            f"No base weights: {path} does not exist and cannot be downloaded ({error}). "
            "Connect to the internet once, or give a file with --weights."
        ) from error
    return _describe("keras", path)


def find_local_weights(image_size: int, weights_file: Path | None = None) -> BaseWeights | None:
    """Return the file given, else the one in Keras's cache, else None.

    Raises:
        BaseWeightsError: the file given does not exist.
    """
    if weights_file is not None:
        if not weights_file.is_file():
            raise BaseWeightsError(f"There is no weights file {weights_file}.")
        return _describe("file", weights_file)
    cached = _keras_path(image_size)
    return _describe("keras", cached) if cached.is_file() else None


def weights_size(image_size: int) -> int:
    """Return which of Keras's files, each for pictures of one size, serves pictures of this one."""
    return image_size if image_size in KERAS_SIZES else 224


def _keras_path(image_size: int) -> Path:
    rows = weights_size(image_size)
    name = f"mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_{rows}_no_top.h5"
    return Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models" / name


def _describe(source: str, path: Path) -> BaseWeights:
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    return BaseWeights(source, path, sha256, KNOWN_WEIGHTS.get(sha256, UNKNOWN[source]))
