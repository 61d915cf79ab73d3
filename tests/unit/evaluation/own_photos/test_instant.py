import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from imgcls.evaluation.own_photos.instant import C, fit, reduced

random = np.random.default_rng(0)


@pytest.mark.parametrize("classes", [2, 3, 5])
def test_it_is_scikit_learns_logistic_regression(classes: int) -> None:
    labels = np.arange(30) % classes
    features = random.uniform(0, 2, (30, 200)) + labels[:, np.newaxis] * 0.1
    found = fit(features, labels, [str(label) for label in range(classes)])
    whole = LogisticRegression(C=C, max_iter=5_000, tol=1e-8).fit(features, labels)
    asked = random.uniform(0, 2, (10, 200))
    for row, expected in zip(asked, whole.predict_proba(asked), strict=True):
        shares = dict(found.predict(row))
        assert [shares[str(label)] for label in range(classes)] == pytest.approx(expected, abs=2e-3)


def test_short_features_lose_nothing() -> None:
    features = random.normal(size=(12, 300))
    center, short, axes = reduced(features)
    assert short.shape == (12, 11)
    assert short @ axes + center == pytest.approx(features)
    assert axes @ axes.T == pytest.approx(np.eye(11), abs=1e-9)


def test_of_more_photos_than_channels_all_channels_stay() -> None:
    features = random.normal(size=(50, 20))
    center, short, axes = reduced(features)
    assert short @ axes + center == pytest.approx(features)


def test_names_come_the_most_probable_first() -> None:
    features = np.eye(6)
    found = fit(features, np.array([0, 0, 1, 1, 2, 2]), ["a", "b", "c"])
    names, shares = zip(*found.predict(features[3]), strict=True)
    assert names[0] == "b"
    assert sum(shares) == pytest.approx(1)
    assert list(shares) == sorted(shares, reverse=True)


def test_equal_photos_give_equal_shares() -> None:
    found = fit(np.ones((4, 8)), np.array([0, 0, 1, 1]), ["a", "b"])
    assert [share for _, share in found.predict(np.ones(8))] == pytest.approx([0.5, 0.5])
