"""The weights of a pretrained base: where they are, and what is known of them."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from imgcls._utils.files import replacing, sha256
from imgcls.architectures import mobilenet_v2
from imgcls.architectures.network import Network
from imgcls.errors import ImgclsError

TIMEOUT = 30  # seconds without a byte
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
        size: of the photos that Keras made them for, when it has others for the size wanted.
    """

    source: str
    path: Path
    sha256: str
    note: str
    run: str | None = None
    size: int | None = None


def find_base_weights(
    image_size: int,
    weights_file: Path | None = None,
    in_runs: Mapping[int, BaseWeights] | None = None,
    network: Network = mobilenet_v2.NETWORK,
) -> BaseWeights:
    """Find weights for a network's base.

    On this machine, see `find_local_weights`, else by Keras's download. So a machine makes the same
    experiment with and without a network.

    Raises:
        BaseWeightsError: there are none.
    """
    return find_local_weights(image_size, weights_file, in_runs, network) or download(
        image_size, network
    )


def find_local_weights(
    image_size: int,
    weights_file: Path | None = None,
    in_runs: Mapping[int, BaseWeights] | None = None,
    network: Network = mobilenet_v2.NETWORK,
) -> BaseWeights | None:
    """Return the weights that are on this machine, else None.

    The file given comes first, then those that Keras has for this size: in its cache, or inside a
    finished run. Then those for the nearest other size, of two the larger one: the weights of a
    convolution fit any size, and serve a near one well.

    Args:
        image_size: side of the input in pixels, see `weights_size`.
        weights_file: HDF5 file in the format of ``keras.applications``.
        in_runs: the bases inside finished runs, by the size that Keras made them for.
        network: whose they are.

    Raises:
        BaseWeightsError: the file given does not exist.
    """
    if weights_file is not None:
        if not weights_file.is_file():
            raise BaseWeightsError(f"There is no weights file {weights_file}.")
        return _describe("file", weights_file, network)
    wanted, runs = weights_size(image_size, network), in_runs or {}
    cached = {size: path for size, path in _keras_files(network).items() if path.is_file()}
    if not cached and not runs:
        return None
    size = min({*cached, *runs}, key=lambda size: (abs(size - wanted), -size))
    found = _describe("keras", cached[size], network) if size in cached else runs[size]
    return replace(found, size=None if size == wanted else size)


def cached_weights(image_size: int, network: Network = mobilenet_v2.NETWORK) -> BaseWeights | None:
    """Return those that Keras has for this size, if its cache holds them."""
    path = keras_path(image_size, network)
    return _describe("keras", path, network) if path.is_file() else None


def download(image_size: int, network: Network = mobilenet_v2.NETWORK) -> BaseWeights:
    """Fetch Keras's own weights into Keras's cache, where they are found from then on.

    Raises:
        BaseWeightsError: they cannot be fetched or kept.
    """
    # Who predicts reads of base weights in a run's record, and never downloads.
    from http.client import HTTPException
    from urllib.request import urlopen

    assert network.pretrained is not None
    path = keras_path(image_size, network)
    try:
        # Not keras.utils.get_file: it would load TensorFlow into the app.
        with (
            urlopen(network.pretrained.url + path.name, timeout=TIMEOUT) as response,
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
    return _describe("keras", path, network)


def weights_size(image_size: int, network: Network = mobilenet_v2.NETWORK) -> int:
    """Return which of Keras's files, each for pictures of one size, serves pictures of this one."""
    assert network.pretrained is not None
    sizes = network.pretrained.sizes
    return image_size if image_size in sizes else sizes[-1]


def described(note: str, size: int | None) -> str:
    """Return what base weights are in words, with the size they are for when it is another."""
    return note if size is None else f"{note}; made for {size} px, the nearest on this machine"


def keras_path(image_size: int, network: Network = mobilenet_v2.NETWORK) -> Path:
    """Return where Keras keeps the weights for this size."""
    return _keras_files(network)[weights_size(image_size, network)]


def _keras_files(network: Network) -> dict[int, Path]:
    """Return size -> where Keras keeps the file for it."""
    known = network.pretrained
    assert known is not None
    folder = Path(os.environ.get("KERAS_HOME") or Path.home() / ".keras") / "models"
    return {size: folder / known.file.format(size=size) for size in known.sizes}


def _describe(source: str, path: Path, network: Network) -> BaseWeights:
    assert network.pretrained is not None
    digest = sha256(path)
    note = network.pretrained.known.get(digest, UNKNOWN[source])
    return BaseWeights(source, path, digest, note)
