"""The frozen layers, once per photo: what both phases train on."""

import logging
import os
import time
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from imgcls._utils.arrays import HalfArray, IntArray, Progress, RgbArray
from imgcls.config import ConfigError, TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.inference.feature_cache import MAX_BYTES, CacheError, FeatureStore, make_room
from imgcls.inference.program import Program, Run
from imgcls.networks.convert import convert
from imgcls.networks.layers import cut_index
from imgcls.networks.signature import PHOTO
from imgcls.networks.weights import BaseWeights
from imgcls.training import kept_programs

if TYPE_CHECKING:
    import keras


FORMAT = 1  # raise it when the same photo and weights would give other features
ROWS_PER_WRITE = 256
GPU_BATCH = 64
CUT, POOLED = "cut", "pooled"  # outputs of the exported base
Compute = Callable[["FrozenBase", Dataset, list["Look"]], Iterator[bytes]]
Write = Callable[[FeatureStore, list[tuple[str, bytes]]], None]
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Features:
    """What the frozen layers make of each photo.

    The first n rows are those of the dataset's table. Behind them come the other views of the
    training photos.

    Attributes:
        cut: output of the layer that the base is cut at, shape (rows, height, width, channels).
        pooled: the whole frozen base followed by global average pooling, shape (rows, 1280).
        view_rows: where the views of each training photo lie, shape (views, training photos); the
            first are the photos as they are.
        backend: what computed those that were not cached: "LiteRT", "Keras on GPU" or "cache".
        seconds: that computing or reading them took.
    """

    cut: HalfArray
    pooled: HalfArray
    view_rows: IntArray
    backend: str
    seconds: float = 0.0

    def order(self, seed: int, epoch: int) -> IntArray:
        """Return the rows of one epoch: each training photo once, in one of its views.

        Photos take turns, so that one epoch sees all views, and the next one others of each photo.

        Args:
            seed: start of all random choices.
            epoch: its number, from 1.
        """
        views, photos = self.view_rows.shape
        order = np.random.default_rng([seed, epoch]).permutation(photos)
        rows: IntArray = self.view_rows[(order + epoch) % views, order]
        return rows


class FrozenBase:
    """The pretrained base with its two outputs: at the cut, and pooled at its end."""

    def __init__(self, base: "keras.Model", weights: BaseWeights, config: TrainConfig) -> None:
        import keras

        cut = base.layers[cut_index(config)]
        self.image_size = config.image_size
        pooled = keras.layers.GlobalAveragePooling2D()(base.output)
        self.model = keras.Model(base.input, [cut.output, pooled])
        self.shapes = [tuple(output.shape[1:]) for output in self.model.outputs]
        self.key = kept_programs.key(FORMAT, weights.sha256, config.image_size, cut.name)

    @property
    def bytes_per_photo(self) -> int:
        """Size of one photo's features in the cache."""
        return sum(2 * int(np.prod(shape)) for shape in self.shapes)

    def __call__(self, pixels: Any) -> Any:
        """Return (features at the cut, pooled features) of pixels (n, size, size, 3), 0-255."""
        return self.model(pixels / 127.5 - 1, training=False)

    def _named(self, pixels: Any) -> dict[str, Any]:
        return dict(zip((CUT, POOLED), self(pixels), strict=True))

    def program(self) -> Program:
        """Return the base as a LiteRT program, exported once per weights, size and cut."""
        size = self.image_size
        return kept_programs.kept(self.key, lambda: convert(self._named, PHOTO, (size, size, 3)))


@dataclass(frozen=True)
class Look:
    """One view of one photo."""

    file: str
    digest: str
    view: int

    @property
    def key(self) -> str:
        """What its features are stored under."""
        return f"{self.digest}:{self.view}" if self.view else self.digest

    def pixels(self, dataset: Dataset, size: int) -> RgbArray:
        """Return what the network sees, shape (size, size, 3). Raises ImageError."""
        if not self.view:
            return dataset.read(self.file, size)
        return dataset.read_view(self.file, size, self.view, key=self.digest)


def extract(
    frozen: FrozenBase, dataset: Dataset, on_progress: Progress, views: int = 1
) -> Features:
    """Return the features of every readable photo, from the cache or computed and then cached.

    Args:
        frozen: the base and its cut.
        dataset: its photos.
        on_progress: called with (photos done, photos in all), each view a photo.
        views: of each training photo, see `imgcls.data.views`.

    Raises:
        ConfigError: the features of so many photos at this cut are larger than the cache may be.
        ImageError: a photo has become unreadable since the dataset was scanned.
    """
    started = time.monotonic()
    looks, view_rows = _looks(dataset, views)
    total = len(looks)
    _require_small(frozen, total)
    rows = defaultdict(list)
    for row, look in enumerate(looks):
        rows[look.key].append(row)
    cut = np.empty((total, *frozen.shapes[0]), np.float16)
    pooled = np.empty((total, *frozen.shapes[1]), np.float16)
    done = 0

    def take(key: str, data: bytes) -> None:
        nonlocal done
        values = np.frombuffer(data, np.float16)
        for row in rows[key]:
            cut[row] = values[: cut[row].size].reshape(frozen.shapes[0])
            pooled[row] = values[cut[row].size :]
        done += len(rows.pop(key))
        on_progress(done, total)

    for key, data in _stored(frozen, list(rows)):
        take(key, data)
    backend = "cache"
    if rows:
        backend, compute = _backend()
        missing = [looks[alike[0]] for alike in rows.values()]
        with closing(_computed(frozen, dataset, missing, compute, _write_if_possible)) as found:
            for key, data in found:
                take(key, data)
    return Features(cut, pooled, view_rows, backend, time.monotonic() - started)


def fill(
    frozen: FrozenBase,
    dataset: Dataset,
    on_progress: Progress,
    views: int = 1,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    compute: Compute | None = None,
) -> tuple[int, int, int]:
    """Compute the features that `extract` would not find in the cache, and keep them there.

    Args:
        frozen: as of `extract`.
        dataset: as of `extract`.
        on_progress: called with (photos computed, photos to compute).
        views: as of `extract`.
        should_stop: asked after each photo; True ends this, and what was computed is kept.
        compute: what computes them; by default what does so in `extract`.

    Returns:
        How many photos of different content there are, were computed, and are missing still.

    Raises:
        CacheError: the cache cannot be written.
        As `extract`.
    """
    looks = {look.key: look for look in _looks(dataset, views)[0]}
    _require_small(frozen, len(looks))
    stored = {key for key, _ in _stored(frozen, list(looks))}
    missing = [look for key, look in looks.items() if key not in stored]
    done = 0
    if missing:
        compute = compute or _backend()[1]
        with closing(_computed(frozen, dataset, missing, compute, FeatureStore.write)) as found:
            for done, _ in enumerate(found, start=1):
                on_progress(done, len(missing))
                if should_stop():
                    break
    return len(looks), done, len(missing) - done


def _require_small(frozen: FrozenBase, photos: int) -> None:
    if photos * frozen.bytes_per_photo > MAX_BYTES:
        raise ConfigError(
            f"fine_tune_at: so few frozen layers leave {frozen.bytes_per_photo:,} bytes a photo, "
            f"for {photos:,} photos more than the cache holds ({MAX_BYTES / 1e9:.0f} GB): "
            "give a higher layer, or engine=plain."
        )


def _looks(dataset: Dataset, views: int) -> tuple[list[Look], IntArray]:
    table = dataset.table
    training = np.flatnonzero(table["split"] == "train")
    known = zip(table["file"], table["digest"], strict=True)
    looks = [Look(file, digest, view=0) for file, digest in known]
    photos = len(looks)
    for number in range(1, views):
        looks += [replace(looks[row], view=number) for row in training]
    behind = photos + np.arange((views - 1) * len(training)).reshape(views - 1, len(training))
    return looks, np.concatenate([training[np.newaxis], behind])


def row_labels(features: Features, dataset: Dataset) -> IntArray:
    """Return the label of each row of the features: a view has that of its photo."""
    given = dataset.table["label"].to_numpy(np.int64)
    labels = np.empty(len(features.cut), np.int64)
    labels[: len(given)] = given
    labels[features.view_rows] = given[features.view_rows[0]]
    return labels


def _stored(frozen: FrozenBase, keys: list[str]) -> Iterator[tuple[str, bytes]]:
    for key, data in FeatureStore(frozen.key).read(keys):
        if len(data) == frozen.bytes_per_photo:
            yield key, data


def _computed(
    frozen: FrozenBase, dataset: Dataset, looks: list[Look], compute: Compute, write: Write
) -> Generator[tuple[str, bytes]]:
    """Yield the key and the features of each look; they are written also when this ends early."""
    store = FeatureStore(frozen.key)
    make_room(len(looks) * frozen.bytes_per_photo, keep=store.path)
    batch: list[tuple[str, bytes]] = []
    try:
        for look, data in zip(looks, compute(frozen, dataset, looks), strict=True):
            batch.append((look.key, data))
            yield look.key, data
            if len(batch) == ROWS_PER_WRITE:
                write(store, batch)
                batch = []
    finally:
        write(store, batch)


def _write_if_possible(store: FeatureStore, batch: list[tuple[str, bytes]]) -> None:
    try:
        store.write(batch)
    except CacheError as error:
        logger.warning("%s", error)


def _backend() -> tuple[str, Compute]:
    import tensorflow as tf

    if tf.config.list_physical_devices("GPU"):
        return "Keras on GPU", with_keras
    return "LiteRT", with_litert


def with_litert(frozen: FrozenBase, dataset: Dataset, looks: list[Look]) -> Iterator[bytes]:
    """Yield each photo's features, decoding and computing on all cores."""

    def work(run: Run, look: Look) -> bytes:
        return features_of(run, look.pixels(dataset, frozen.image_size))

    yield from frozen.program().map(work, looks)


def with_keras(frozen: FrozenBase, dataset: Dataset, looks: list[Look]) -> Iterator[bytes]:
    """Yield each photo's features, computed in batches on the device that Keras chooses."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for start in range(0, len(looks), GPU_BATCH):
            part = looks[start : start + GPU_BATCH]
            photos = pool.map(lambda look: look.pixels(dataset, frozen.image_size), part)
            pixels = np.stack(list(photos))
            cut, pooled = (output.numpy() for output in frozen(pixels.astype(np.float32)))
            yield from map(_to_bytes, cut, pooled)


def features_of(run: Run, pixels: RgbArray) -> bytes:
    """Return one photo's features as they are cached, computed by a `FrozenBase.program`."""
    cut, pooled = run(pixels, CUT, POOLED)
    return _to_bytes(cut[0], pooled[0])


def _to_bytes(cut: npt.NDArray[Any], pooled: npt.NDArray[Any]) -> bytes:
    return cut.astype(np.float16).tobytes() + pooled.astype(np.float16).tobytes()
