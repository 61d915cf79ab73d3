from xml.etree import ElementTree

import numpy as np
import pytest

from imgcls._utils.arrays import FloatArray
from imgcls.charts.drawings import number_grid
from imgcls.charts.theme import BLUE, ORANGE

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str | None]:
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture
def values() -> FloatArray:
    return np.array([[-1, 0, 0.501], [1, 0.25, -0.004]], np.float32)


def test_each_number_stands_in_its_cell(values: FloatArray) -> None:
    assert texts(number_grid.grid(values, number_grid.grey)) == [
        "-1.00",
        "0.00",
        "0.50",
        "1.00",
        "0.25",
        "0.00",
    ]


def test_what_is_not_filled_yet_is_empty(values: FloatArray) -> None:
    svg = number_grid.grid(values, number_grid.grey, filled=2)
    assert texts(svg) == ["-1.00", "0.00"]
    assert svg.count("stroke-dasharray") == 4


def test_the_window_is_outlined(values: FloatArray) -> None:
    svg = number_grid.grid(values, number_grid.grey, window=(0, 1, 2))
    (outline,) = (
        rect.attrib
        for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect")
        if rect.get("stroke") == ORANGE
    )
    assert (int(outline["x"]), int(outline["width"])) == (number_grid.CELL, 2 * number_grid.CELL)


def test_pixels_are_grey_and_signed_numbers_blue_or_orange() -> None:
    assert number_grid.grey(np.array([-1, 1, 7], np.float32)).tolist() == [
        [0] * 3,
        [255] * 3,
        [255] * 3,
    ]
    values = np.array([-2, 0, 2, 5], np.float32)
    blue, white, orange, beyond = number_grid.signed(2)(values).tolist()
    assert bytes(blue).hex() == BLUE[1:].lower()
    assert white == [255, 255, 255]
    assert bytes(orange).hex() == ORANGE[1:].lower()
    assert beyond == orange


@pytest.mark.parametrize("limit", [0.0, 1.0])
def test_numbers_are_black_on_light_and_white_on_dark(limit: float) -> None:
    svg = number_grid.grid(np.zeros((1, 1), np.float32), number_grid.signed(limit))
    assert 'fill="black">0.00' in svg
    assert 'fill="white">-1.00' in number_grid.grid(
        np.full((1, 1), -1, np.float32), number_grid.grey
    )


def test_a_picture_has_a_square_a_number(values: FloatArray) -> None:
    image = number_grid.picture(values, number_grid.signed(1), 4)
    assert image.size == (12, 8)
    assert image.getpixel((3, 0)) == image.getpixel((0, 3))
    assert image.getpixel((4, 0)) == (255, 255, 255)
