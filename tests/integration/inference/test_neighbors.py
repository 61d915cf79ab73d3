import timeit
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics.pairwise import cosine_similarity
from sklearn.preprocessing import normalize

from imgcls.data.dataset import open_dataset
from imgcls.inference.likeness import Evidence
from imgcls.inference.neighbors import PHOTOS, Neighbors
from imgcls.inference.predictor import Predictor
from imgcls.runs.files import NEIGHBORS
from imgcls.runs.run import Run


@pytest.fixture
def some() -> tuple[Neighbors, "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"]:
    random = np.random.default_rng(0)
    pooled = np.maximum(random.normal(size=(300, 64)), 0).astype(np.float32)
    files = np.array([f"{number}.jpg" for number in range(300)])
    return Neighbors.of(files, np.arange(300) % 3, pooled), pooled


def test_the_nearest_are_those_of_scikit_learn(
    some: tuple[Neighbors, "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"], tmp_path: Path
) -> None:
    neighbors, pooled = some
    neighbors.save(tmp_path / "kept.npz")
    asked = np.random.default_rng(1).random(64).astype(np.float32)
    expected = cosine_similarity(asked[np.newaxis], pooled)[0]
    for kept, tolerance in ((neighbors, 0.01), (Neighbors.load(tmp_path / "kept.npz"), 0.01)):
        found = kept.nearest(asked, 5)
        assert [near.similarity for near in found] == pytest.approx(
            np.sort(expected)[:-6:-1].tolist(), abs=tolerance
        )
        for near in found:
            row = int(near.file.removesuffix(".jpg"))
            assert near.label == row % 3
            assert near.similarity == pytest.approx(expected[row], abs=tolerance)


def test_similarity_is_the_mean_cosine_to_the_five_nearest(
    some: tuple[Neighbors, "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"],
) -> None:
    neighbors, pooled = some
    asked = np.random.default_rng(1).random((4, 64)).astype(np.float32)
    expected = np.sort(cosine_similarity(asked, pooled))[:, -5:].mean(axis=1)
    assert neighbors.similarity(asked) == pytest.approx(expected, abs=0.005)
    others = np.sort(cosine_similarity(pooled))[:, -6:-1].mean(axis=1)  # the highest is itself
    assert neighbors.similarity_among() == pytest.approx(others, abs=0.005)


def test_centroid_similarity_is_the_cosine_to_the_nearest_class_mean_from_the_mean_of_all(
    some: tuple[Neighbors, "np.ndarray[tuple[int, ...], np.dtype[np.float32]]"],
) -> None:
    neighbors, pooled = some
    asked = normalize(np.random.default_rng(1).random((4, 64))).astype(np.float32)
    units = normalize(pooled)
    means = np.stack([units[label::3].mean(axis=0) for label in range(3)])
    mean = units.mean(axis=0)
    expected = cosine_similarity(asked - mean, means - mean).max(axis=1)
    assert neighbors.centroid_similarity(7 * asked) == pytest.approx(expected, abs=0.02)


def test_a_training_photo_is_compared_with_the_class_means_of_the_others() -> None:
    pooled = np.random.default_rng(0).random((12, 64), dtype=np.float32)
    labels = np.array([0] * 6 + [1] * 5 + [2])  # of one class there is a single photo
    files = np.arange(12).astype(str)
    found = Neighbors.of(files, labels, pooled).centroid_similarity_among()
    for row in range(12):
        others = np.arange(12) != row
        known = Neighbors.of(files[others], labels[others], pooled[others])
        expected = known.centroid_similarity(pooled[row : row + 1])
        assert found[row : row + 1] == pytest.approx(expected, abs=0.03)


def test_a_single_photo_has_no_others() -> None:
    known = Neighbors.of(np.array(["a"]), np.array([0]), np.ones((1, 8), np.float32))
    assert known.centroid_similarity_among().tolist() == [-1]


def test_fewer_than_five_are_enough() -> None:
    pooled = np.eye(3, dtype=np.float32)
    known = Neighbors.of(np.array(["a", "b", "c"]), np.arange(3), pooled)
    assert known.similarity(pooled) == pytest.approx(1 / 3)
    assert known.similarity_among() == pytest.approx(0)


def test_comparing_with_as_many_as_a_run_keeps_takes_no_time() -> None:
    random = np.random.default_rng(0)
    pooled = random.random((PHOTOS, 1_280), dtype=np.float32)
    labels = np.arange(PHOTOS) % 10
    known = Neighbors.of(np.arange(PHOTOS).astype(str), labels, pooled)
    energies = np.zeros(1)
    Evidence.of(energies, pooled[:1], known)  # the first time they are made floats
    seconds = timeit.repeat(lambda: Evidence.of(energies, pooled[:1], known), number=1, repeat=50)
    assert min(seconds) < 0.001


def test_a_run_keeps_as_many_of_each_class_and_finds_a_photo_itself(
    finished: Run, drawn_photos: Path
) -> None:
    kept = Neighbors.load(finished.file(NEIGHBORS))
    training = open_dataset(drawn_photos).split("train")
    assert sorted(kept.files) == sorted(training["file"])  # there are fewer than would be kept
    predictor = Predictor(finished)
    for row in training.iloc[::20].itertuples():
        answer = predictor.predict(drawn_photos / str(row.file))
        nearest = predictor.nearest(answer, 3)
        assert nearest[0].similarity > 0.99
        assert str(row.file) in [near.file for near in nearest]
        assert nearest[0].label == row.label


@pytest.mark.parametrize("value", [0.0, np.nan, np.inf])
def test_features_that_are_no_numbers_are_like_none(value: float) -> None:
    pooled = np.full((3, 8), value, np.float32)
    known = Neighbors.of(np.array(["a", "b", "c"]), np.array([0, 1, 0]), pooled)
    assert not known.similarities(np.ones(8, np.float32)).any()
    assert not known.centroid_similarity(pooled).any()
