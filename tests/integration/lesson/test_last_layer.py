import keras
import numpy as np
import pytest
from scipy.special import softmax

from imgcls.lesson.last_layer import SHARED, SIGMOID, SOFTMAX, compare, cross_entropy

LOGITS = [2.0, 1.0, -3.0]


def test_each_column_is_what_it_is_called() -> None:
    table = compare(LOGITS)
    np.testing.assert_allclose(table[SIGMOID], keras.activations.sigmoid(np.array(LOGITS)))
    np.testing.assert_allclose(table[SOFTMAX], softmax(LOGITS))
    assert table[SHARED].sum() == pytest.approx(1)
    # 0.881, 0.731 and 0.047 make 1.659.
    assert table[SHARED].round(3).tolist() == [0.531, 0.441, 0.029]


@pytest.mark.parametrize("label", [0, 1, 2])
def test_keras_trains_a_sigmoid_with_the_softmax_and_not_with_the_shares(label: int) -> None:
    # The logits pass through a layer, as in a network: its sigmoid remembers them.
    layer = keras.layers.Dense(3, activation="sigmoid")
    layer.build((None, 3))
    layer.set_weights([np.eye(3), np.zeros(3)])
    outputs = layer(np.array([LOGITS], np.float32))
    loss = float(keras.losses.sparse_categorical_crossentropy(np.array([label]), outputs)[0])
    table = compare(LOGITS)
    assert loss == pytest.approx(cross_entropy(table[SOFTMAX].tolist(), label), rel=1e-5)
    assert loss != pytest.approx(cross_entropy(table[SHARED].tolist(), label), rel=0.05)


def test_logits_that_are_very_sure_overflow_nowhere() -> None:
    table = compare([800.0, -800.0, 0.0])
    assert np.isfinite(table.to_numpy()).all()
    assert table[SOFTMAX].tolist() == [1, 0, 0]
