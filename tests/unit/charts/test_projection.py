import json

import pandas as pd
import pytest

from imgcls.charts.projection import REGION, photo_map

NAMES = ["cat", "owl"]


@pytest.fixture
def points() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "x": [0.0, 2.0, 10.0],
            "y": [1.0, 3.0, 5.0],
            "class": ["cat", "cat", "owl"],
            "called": ["cat", "owl", "owl"],
            "correct": [True, False, True],
            "file": ["a", "b", "c"],
        }
    )


def test_marks_rings_and_names(points: pd.DataFrame) -> None:
    chart = json.loads(json.dumps(photo_map(points, NAMES)))
    marks, rings, halo, labels = chart["layer"]
    assert rings["transform"] == [{"filter": "!datum.correct"}]
    places = {row["class"]: (row["x"], row["y"]) for row in labels["data"]["values"]}
    assert places == {"cat": (1, 2), "owl": (10, 5)}
    assert halo["mark"]["stroke"] == "white"
    assert marks["encoding"]["color"]["scale"]["domain"] == NAMES
    assert len(set(marks["encoding"]["shape"]["scale"]["range"])) == 2


def test_a_region_can_be_selected(points: pd.DataFrame) -> None:
    (selection,) = photo_map(points, NAMES)["layer"][0]["params"]
    assert selection["name"] == REGION
    assert selection["select"] == {"type": "interval", "encodings": ["x", "y"]}


def test_the_photo_shows_under_the_pointer_when_there_is_one(points: pd.DataFrame) -> None:
    def shown(table: pd.DataFrame) -> list[str]:
        marks = photo_map(table, NAMES)["layer"][0]
        return [field["field"] for field in marks["encoding"]["tooltip"]]

    assert shown(points) == ["class", "called", "file"]
    assert shown(points.assign(image="data:image/webp;base64,"))[0] == "image"


def test_of_many_classes_one_stands_out_and_only_it_is_named(points: pd.DataFrame) -> None:
    marks, _, _, labels = photo_map(points, NAMES, "owl")["layer"]
    colour = marks["encoding"]["color"]
    assert colour["condition"]["test"] == {"field": "class", "equal": "owl"}
    assert colour["value"] != colour["condition"]["value"]
    assert [row["class"] for row in labels["data"]["values"]] == ["owl"]
    assert "legend" not in json.dumps(marks)
