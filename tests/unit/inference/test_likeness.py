import msgspec
import numpy as np
import pytest

from imgcls.inference.likeness import Evidence, score
from imgcls.runs.record import Likeness, Spread

LIKENESS = Likeness(
    energy=Spread(mean=10.0, deviation=2.0),
    similarity=Spread(mean=0.7, deviation=0.1),
    centroid=Spread(mean=0.5, deviation=0.2),
    threshold=-3.0,
    kept=0,
    asked=0,
)


def test_score_by_hand() -> None:
    evidence = Evidence(
        np.array([10.0, 14.0, 8.0]), np.array([0.7, 0.5, 0.9]), np.array([0.5, 0.7, 0.1])
    )
    assert score(LIKENESS, evidence) == pytest.approx([0, 2 - 2 + 1, -1 + 2 - 2])
    former = msgspec.structs.replace(LIKENESS, centroid=None)
    assert score(former, evidence) == pytest.approx([0, 2 - 2, -1 + 2])


def test_without_training_photos_it_is_the_negative_energy() -> None:
    evidence = Evidence(np.array([10.0, 14.0]), np.array([0.7, np.nan]), np.array([np.nan, 0.5]))
    assert score(None, evidence).tolist() == [10.0, 14.0]
