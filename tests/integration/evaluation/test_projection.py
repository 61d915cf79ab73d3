import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.preprocessing import normalize

from imgcls.evaluation.projection import embed, inside, of_run
from imgcls.inference.neighbors import Neighbors
from imgcls.runs.files import NEIGHBORS
from imgcls.runs.run import Run


def test_neighbours_stay_neighbours() -> None:
    pixels = load_digits().data[:600].astype(np.float32)
    places = embed(pixels)
    assert list(places.columns) == ["x", "y"]
    assert trustworthiness(normalize(pixels), places.to_numpy(), n_neighbors=5) > 0.97


@pytest.mark.parametrize("photos", [3, 8])
def test_a_few_photos_are_enough(photos: int) -> None:
    places = embed(np.random.default_rng(0).random((photos, 6)).astype(np.float32))
    assert np.isfinite(places.to_numpy()).all()
    assert len(places.drop_duplicates()) == photos


@pytest.mark.parametrize("different", [1, 2, 40])
def test_photos_that_are_all_but_the_same_have_a_map(different: int) -> None:
    pooled = np.ones((40, 6), np.float32)
    pooled[:different, 0] += np.linspace(1e-6, 1e-3, different)
    assert np.isfinite(embed(pooled).to_numpy()).all()


@pytest.mark.parametrize(
    ("value", "why"), [(0.0, "the same of every photo"), (2.0, "the same"), (np.nan, "no numbers")]
)
def test_features_that_have_collapsed_have_none_and_it_is_said_why(value: float, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        embed(np.full((40, 6), value, np.float32))


def test_the_map_of_a_run_is_in_the_order_of_its_tables(finished: Run) -> None:
    places = finished.embedding()
    kept = Neighbors.load(finished.file(NEIGHBORS))
    expected = ["train"] * len(kept.files) + finished.predictions()["split"].tolist()
    assert places["split"].tolist() == expected
    points = of_run(finished, finished.predictions())
    held_out = places[places["split"] != "train"]
    assert points["x"].tolist() == held_out["x"].tolist()
    assert points["file"].tolist() == finished.predictions()["file"].tolist()
    assert (points["class"] == points["called"]).equals(points["correct"])


def test_photos_inside_a_region() -> None:
    points = pd.DataFrame({"x": [0.0, 1, 2], "y": [0.0, 1, 5], "file": ["a", "b", "c"]})
    # Dragged from below to above, and from right to left.
    assert inside(points, {"x": [2.5, 0.5], "y": [3, 0]})["file"].tolist() == ["b"]
