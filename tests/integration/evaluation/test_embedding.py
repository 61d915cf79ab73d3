from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.manifold import trustworthiness
from sklearn.preprocessing import normalize

from imgcls.evaluation import embedding
from imgcls.evaluation.embedding import embed, principal_components
from imgcls.inference.neighbors import Neighbors
from imgcls.runs.files import COMPONENTS, EMBEDDING, NEIGHBORS
from imgcls.runs.run import Run, RunError
from tests.support.runs import copied


def test_neighbours_stay_neighbours() -> None:
    pixels = load_digits().data[:600].astype(np.float32)
    places = embed(principal_components(pixels))
    assert list(places.columns) == ["x", "y"]
    assert trustworthiness(normalize(pixels), places.to_numpy(), n_neighbors=5) > 0.97


@pytest.mark.parametrize("photos", [3, 8])
def test_a_few_photos_are_enough(photos: int) -> None:
    pooled = np.random.default_rng(0).random((photos, 6)).astype(np.float32)
    places = embed(principal_components(pooled))
    assert np.isfinite(places.to_numpy()).all()
    assert len(places.drop_duplicates()) == photos


@pytest.mark.parametrize("different", [1, 2, 40])
def test_photos_that_are_all_but_the_same_have_a_map(different: int) -> None:
    pooled = np.ones((40, 6), np.float32)
    pooled[:different, 0] += np.linspace(1e-6, 1e-3, different)
    assert np.isfinite(embed(principal_components(pooled)).to_numpy()).all()


@pytest.mark.parametrize(
    ("value", "why"), [(0.0, "the same of every photo"), (2.0, "the same"), (np.nan, "no numbers")]
)
def test_features_that_have_collapsed_have_none_and_it_is_said_why(value: float, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        principal_components(np.full((40, 6), value, np.float32))


def test_a_run_has_its_map_when_somebody_looks_and_keeps_it(finished: Run, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / finished.id)
    run.file(EMBEDDING).unlink(missing_ok=True)
    assert embedding.can_be_had(run)
    places = embedding.of_run(run)
    kept = Neighbors.load(run.file(NEIGHBORS))
    expected = ["train"] * len(kept.files) + run.predictions()["split"].tolist()
    assert places["split"].tolist() == expected
    run.file(COMPONENTS).unlink()
    assert embedding.of_run(run).equals(places)
    assert embedding.can_be_had(run)
    run.file(EMBEDDING).unlink()
    assert not embedding.can_be_had(run)
    with pytest.raises(RunError, match="cannot be read"):
        embedding.of_run(run)


def test_a_map_that_cannot_be_kept_is_shown(
    finished: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    run = copied(finished, tmp_path / finished.id)
    run.file(EMBEDDING).unlink(missing_ok=True)
    run.file(EMBEDDING).mkdir()  # nothing can be written there
    assert len(embedding.of_run(run)) == len(run.components())
    assert "cannot be kept" in caplog.text
