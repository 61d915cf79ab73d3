from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imgcls.charts.projection import photo_on_map
from imgcls.evaluation import embedding
from imgcls.evaluation.photo_map import PhotoMap
from imgcls.inference.neighbors import Neighbors
from imgcls.inference.predictor import Predictor
from imgcls.runs.run import Run, RunError
from tests.support.runs import copied


@pytest.fixture
def corners() -> PhotoMap:
    """Two groups of six photos with features of their own, far apart on the map."""
    pooled = np.repeat(np.eye(2, dtype=np.float32), 6, axis=0)
    labels = np.repeat([0, 1], 6)
    files = np.array([f"{number}.jpg" for number in range(12)])
    photos = pd.DataFrame({"x": labels * 10.0, "y": labels * -4.0, "label": labels})
    return PhotoMap(photos, Neighbors.of(files, labels, pooled))


def test_a_photo_belongs_where_the_most_similar_ones_are(corners: PhotoMap) -> None:
    assert corners.place(np.array([1, 0.2], np.float32)) == pytest.approx((0, 0))
    assert corners.place(np.array([0.2, 1], np.float32)) == pytest.approx((10, -4))


def test_features_that_are_all_zero_have_no_place(corners: PhotoMap) -> None:
    assert corners.place(np.zeros(2, np.float32)) is None


def test_the_more_similar_the_more_weight(corners: PhotoMap) -> None:
    # Two of one group and three of the other one, whose similarity is half as large.
    few = replace(
        corners,
        photos=corners.photos.iloc[[0, 1, 6, 7, 8]],
        neighbors=Neighbors(
            corners.neighbors.files[:5],
            np.array([0, 0, 1, 1, 1]),
            np.array([[100, 0]] * 2 + [[0, 100]] * 3, np.int8),
        ),
    )
    weight = 3 * 0.5 / (2 + 3 * 0.5)
    assert few.place(np.array([2, 1], np.float32)) == pytest.approx((10 * weight, -4 * weight))


def test_a_photo_of_the_run_lies_among_its_class(
    finished: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    run = copied(finished, tmp_path / finished.id)
    predictor = Predictor(run)
    known = PhotoMap.of(embedding.of_run(run), predictor.neighbors)
    assert len(known.photos) == len(predictor.neighbors.files)
    file = predictor.neighbors.files[0]
    maps = predictor.predict(drawn_photos / str(file)).feature_maps
    place = known.place(maps.mean(axis=(0, 1)))
    spread = known.photos[["x", "y"]].std().to_numpy()
    assert (np.abs(place - known.photos[["x", "y"]].iloc[0].to_numpy()) < spread).all()


def test_a_map_of_other_photos_is_refused(corners: PhotoMap) -> None:
    places = corners.photos.assign(split="train").iloc[3:]
    with pytest.raises(RunError, match="not of the same photos"):
        PhotoMap.of(places, corners.neighbors)


def test_the_chart_names_the_classes_and_marks_the_places(corners: PhotoMap) -> None:
    places = {"before": (1.0, 2.0), "after": (3.0, 4.0)}
    figure = photo_on_map(corners.photos, ["cat", "dog", "none here"], "dog", places)
    others, dogs, *marks = figure.data
    assert (len(others.x), len(dogs.x)) == (6, 6)
    assert dogs.name == "dog"
    assert {mark.name: (mark.x[0], mark.y[0]) for mark in marks} == places
    assert [note.text for note in figure.layout.annotations] == ["<b>cat</b>", "<b>dog</b>"]
