import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.preprocessing import normalize

from imgcls.embedding import embed
from imgcls.neighbours import Neighbours
from imgcls.runs import NEIGHBOURS, Run


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


def test_the_map_of_a_run_is_in_the_order_of_its_tables(finished: Run) -> None:
    places = finished.embedding()
    kept = Neighbours.load(finished.file(NEIGHBOURS))
    expected = ["train"] * len(kept.files) + finished.predictions()["split"].tolist()
    assert places["split"].tolist() == expected
