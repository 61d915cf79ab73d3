import os
import shutil
import sqlite3
from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls.config import ConfigError, with_settings
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.inference import feature_cache
from imgcls.inference.feature_cache import CacheError, FeatureStore
from imgcls.networks.weights import BaseWeights, find_base_weights
from imgcls.presets import PRESETS
from imgcls.training.features import (
    Features,
    FrozenBase,
    Look,
    extract,
    fill,
    with_keras,
    with_litert,
)
from tests.support.datasets import draw_shape


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def weights(base_weights: Path) -> BaseWeights:
    return find_base_weights(32, base_weights)


@pytest.fixture(scope="module")
def frozen(weights: BaseWeights) -> FrozenBase:
    base = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), include_top=False, weights=str(weights.path)
    )
    return FrozenBase(base, weights, with_settings(PRESETS["paper"], ["image_size=32"]))


@pytest.fixture
def photos(drawn_photos: Path, tmp_path: Path) -> Path:
    """A copy that a test may change."""
    shutil.copytree(drawn_photos, tmp_path / "shapes")
    return tmp_path / "shapes"


def computed(frozen: FrozenBase, dataset: Dataset) -> tuple[Features, int]:
    """Return the features and how many photos had to be computed for them."""
    store = FeatureStore(frozen.key)
    before = dict(store.read(dataset.table["digest"].tolist()))
    features = extract(frozen, dataset, lambda done, total: None)
    return features, dataset.table["digest"].nunique() - len(before)


def test_features_are_those_of_keras_to_half_precision(
    frozen: FrozenBase, drawn_photos: Path
) -> None:
    dataset = open_dataset(drawn_photos)
    features = extract(frozen, dataset, lambda done, total: None)
    assert features.backend == "LiteRT"
    pixels = np.stack([dataset.read(file, 32) for file in dataset.table["file"]])
    cut, pooled = (np.asarray(output) for output in frozen(pixels.astype("float32")))
    np.testing.assert_allclose(features.cut, cut, rtol=2e-3, atol=2e-3)
    np.testing.assert_allclose(features.pooled, pooled, rtol=2e-3, atol=2e-3)


def test_keras_backend_gives_the_same_in_the_same_order(
    frozen: FrozenBase, drawn_photos: Path
) -> None:
    dataset = open_dataset(drawn_photos)
    known = zip(dataset.table["file"], dataset.table["digest"], strict=True)
    looks = [Look(file, digest, view=0) for file, digest in known]
    litert = [np.frombuffer(row, np.float16) for row in with_litert(frozen, dataset, looks)]
    keras_ = [np.frombuffer(row, np.float16) for row in with_keras(frozen, dataset, looks)]
    np.testing.assert_allclose(np.array(litert), np.array(keras_), rtol=2e-3, atol=4e-3)


def test_cached_features_are_bit_equal_and_report_progress(
    frozen: FrozenBase, drawn_photos: Path
) -> None:
    dataset = open_dataset(drawn_photos)
    first = extract(frozen, dataset, lambda done, total: None)
    seen: list[tuple[int, int]] = []
    second = extract(frozen, dataset, lambda done, total: seen.append((done, total)))
    assert second.backend == "cache"
    assert seen[-1] == (len(dataset.table), len(dataset.table))
    assert first.cut.tobytes() == second.cut.tobytes()
    assert first.pooled.tobytes() == second.pooled.tobytes()


def test_what_is_filled_ahead_and_stopped_is_what_training_computes(
    frozen: FrozenBase, drawn_photos: Path
) -> None:
    dataset = open_dataset(drawn_photos)
    alone = extract(frozen, dataset, lambda done, total: None)
    feature_cache.remove(FeatureStore(frozen.key).path)
    seen: list[tuple[int, int]] = []

    def filled() -> tuple[int, int, int]:
        return fill(
            frozen,
            dataset,
            lambda *progress: seen.append(progress),
            should_stop=lambda: len(seen) == 50,
        )

    photos = dataset.table["digest"].nunique()
    assert filled() == (photos, 50, photos - 50)
    assert filled() == (photos, photos - 50, 0)
    assert seen[49:51] == [(50, photos), (1, photos - 50)]
    assert filled() == (photos, 0, 0)
    found = extract(frozen, dataset, lambda done, total: None)
    assert found.backend == "cache"
    assert found.cut.tobytes() == alone.cut.tobytes()
    assert found.pooled.tobytes() == alone.pooled.tobytes()


def test_only_new_and_changed_photos_are_computed(frozen: FrozenBase, photos: Path) -> None:
    extract(frozen, open_dataset(photos), lambda done, total: None)
    first, second, *_ = sorted((photos / "train/disc").iterdir())
    first.write_bytes((photos / "val/bar/000.png").read_bytes())  # known under another name
    second.unlink()
    draw_shape("disc", np.random.default_rng(99)).save(photos / "train/disc/new.png")
    assert computed(frozen, open_dataset(photos))[1] == 1


def test_damaged_row_is_computed_again(frozen: FrozenBase, drawn_photos: Path) -> None:
    dataset = open_dataset(drawn_photos)
    expected = extract(frozen, dataset, lambda done, total: None)
    store = FeatureStore(frozen.key)
    digest = dataset.table["digest"].iloc[5]
    with sqlite3.connect(store.path) as database:
        size = frozen.bytes_per_photo
        database.execute("UPDATE features SET data = zeroblob(?) WHERE digest = ?", (size, digest))
    found, missing = computed(frozen, dataset)
    assert missing == 1
    assert found.cut.tobytes() == expected.cut.tobytes()


@pytest.mark.parametrize("damage", ["garbage", "cut short"])
def test_damaged_store_is_computed_again(
    frozen: FrozenBase, drawn_photos: Path, damage: str
) -> None:
    dataset = open_dataset(drawn_photos)
    expected = extract(frozen, dataset, lambda done, total: None)
    path = FeatureStore(frozen.key).path
    content = path.read_bytes()
    for side in path.parent.glob(f"{path.name}-*"):
        side.unlink()
    path.write_bytes(b"no database" * 1000 if damage == "garbage" else content[: len(content) // 2])
    found = extract(frozen, dataset, lambda done, total: None)
    assert found.cut.tobytes() == expected.cut.tobytes()
    assert extract(frozen, dataset, lambda done, total: None).backend == "cache"


def test_damaged_program_is_exported_again(
    frozen: FrozenBase, drawn_photos: Path, cache: Path
) -> None:
    (cache / "programs").mkdir(parents=True)
    (cache / "programs" / f"{frozen.key}.tflite").write_bytes(b"no program")
    features = extract(frozen, open_dataset(drawn_photos), lambda done, total: None)
    assert np.isfinite(features.pooled).all()


def test_cache_that_cannot_be_written_costs_only_time(
    frozen: FrozenBase,
    drawn_photos: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path / "file"))
    dataset = open_dataset(drawn_photos)
    features = extract(frozen, dataset, lambda done, total: None)
    assert features.backend == "LiteRT"
    assert "cannot be cached" in caplog.text
    with pytest.raises(CacheError, match="cannot be cached"):  # here it is all that was asked for
        fill(frozen, dataset, lambda done, total: None)


def test_least_recently_used_store_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feature_cache, "MAX_BYTES", 150_000)
    for age, key in enumerate(("newest", "older", "oldest")):
        store = FeatureStore(key)
        store.write([(key, bytes(40_000))])
        os.utime(store.path, (1_000_000 - age, 1_000_000 - age))
    feature_cache.make_room(50_000, keep=FeatureStore("new").path)
    assert [path.stem for path in feature_cache.sizes()] == ["older", "newest"]


def test_a_cut_whose_features_exceed_the_cache_is_refused(
    frozen: FrozenBase, drawn_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgcls.training.features.MAX_BYTES", 1000)
    with pytest.raises(ConfigError, match="give a higher layer, or engine=plain"):
        extract(frozen, open_dataset(drawn_photos), lambda done, total: None)
