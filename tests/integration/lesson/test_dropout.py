import keras
import numpy as np
import pytest

from imgcls.lesson.dropout import apply, draw


@pytest.mark.parametrize("rate", [0.2, 0.5])
def test_it_is_keras_dropout(rate: float) -> None:
    values = np.random.default_rng(0).uniform(1, 2, 1000).astype(np.float32)
    theirs = np.asarray(keras.layers.Dropout(rate, seed=0)(values, training=True))
    np.testing.assert_allclose(apply(values, theirs != 0, rate), theirs, rtol=1e-6)
    untouched = np.asarray(keras.layers.Dropout(rate)(values, training=False))
    np.testing.assert_array_equal(apply(values, draw(1000, 0.0, 0), 0.0), untouched)


@pytest.mark.parametrize("rate", [0.0, 0.2, 0.9])
def test_the_share_that_is_off_and_the_mean_are_kept(rate: float) -> None:
    kept = draw(100_000, rate, 1)
    assert kept.mean() == pytest.approx(1 - rate, abs=0.005)
    assert apply(np.ones(100_000, np.float32), kept, rate).mean() == pytest.approx(1, abs=0.05)


def test_another_draw_is_another_one() -> None:
    assert (draw(64, 0.5, 1) == draw(64, 0.5, 1)).all()
    assert (draw(64, 0.5, 1) != draw(64, 0.5, 2)).any()
