"""The lesson's arithmetic, against Keras's layers and against cases worked out by hand."""

import keras
import numpy as np
import pytest

from imgcls._utils.arrays import FloatArray
from imgcls.lesson.convolution import KERNELS, busiest, convolve, pool, relu, relu6, windows


@pytest.fixture
def picture() -> FloatArray:
    return np.random.default_rng(0).uniform(-8, 8, (11, 9)).astype(np.float32)


def through(layer: keras.Layer, picture: FloatArray) -> FloatArray:
    found: FloatArray = layer(picture[np.newaxis, :, :, np.newaxis]).numpy()[0, :, :, 0]
    return found


@pytest.mark.parametrize("name", KERNELS)
def test_convolution_is_keras_conv2d(name: str, picture: FloatArray) -> None:
    layer = keras.layers.Conv2D(1, 3, padding="valid")
    layer.build((None, None, None, 1))
    layer.set_weights([KERNELS[name][:, :, np.newaxis, np.newaxis], np.array([0.25])])
    expected = through(layer, picture)
    assert expected.shape == (9, 7)
    np.testing.assert_allclose(convolve(picture, KERNELS[name], 0.25), expected, atol=1e-4)


def test_each_number_is_the_sum_of_its_nine_products(picture: FloatArray) -> None:
    kernel = KERNELS["Vertical edges"]
    products = windows(picture, 3) * kernel
    np.testing.assert_allclose(products.sum(axis=(2, 3)), convolve(picture, kernel), atol=1e-4)


def test_an_edge_by_hand() -> None:
    # Black on the left, white on the right: (1 + 2 + 1) times the difference of 2.
    picture = np.array([[-1, -1, 1, 1]] * 3, np.float32)
    assert convolve(picture, KERNELS["Vertical edges"]).tolist() == [[8, 8]]
    assert convolve(picture, KERNELS["Horizontal edges"]).tolist() == [[0, 0]]


def test_blur_and_sharpen_leave_an_even_picture_as_it_is() -> None:
    even = np.full((5, 5), 0.5, np.float32)
    for name in ("Blur", "Sharpen"):
        np.testing.assert_allclose(convolve(even, KERNELS[name]), 0.5, atol=1e-6)


def test_activations_are_keras_layers(picture: FloatArray) -> None:
    np.testing.assert_array_equal(relu(picture), through(keras.layers.ReLU(), picture))
    np.testing.assert_array_equal(relu6(picture), through(keras.layers.ReLU(6.0), picture))
    assert (relu6(picture) == 6).any()


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_pooling_is_keras_layers(size: int, stride: int, picture: FloatArray) -> None:
    expected = through(keras.layers.MaxPooling2D(size, stride), picture)
    np.testing.assert_array_equal(pool(picture, "max", size, stride), expected)
    expected = through(keras.layers.AveragePooling2D(size, stride), picture)
    np.testing.assert_allclose(pool(picture, "average", size, stride), expected, atol=1e-5)


def test_the_busiest_square_is_where_the_edge_is() -> None:
    picture = np.zeros((20, 20), np.float32)
    picture[:, 12:] = 1
    _, column = busiest(picture, 6)
    assert column == 9
