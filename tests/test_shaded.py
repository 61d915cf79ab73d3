from xml.etree import ElementTree

import numpy as np
import pytest

from imgcls import shaded
from imgcls.charts import BLUE, ORANGE
from imgcls.litert import FloatArray

SVG = "{http://www.w3.org/2000/svg}"


def texts(svg: str) -> list[str | None]:
    return [text.text for text in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.fixture
def values() -> FloatArray:
    return np.array([[-1, 0, 0.501], [1, 0.25, -0.004]], np.float32)


def test_each_number_stands_in_its_cell(values: FloatArray) -> None:
    assert texts(shaded.grid(values, shaded.grey)) == [
        "-1.00",
        "0.00",
        "0.50",
        "1.00",
        "0.25",
        "0.00",
    ]


def test_what_is_not_filled_yet_is_empty(values: FloatArray) -> None:
    svg = shaded.grid(values, shaded.grey, filled=2)
    assert texts(svg) == ["-1.00", "0.00"]
    assert svg.count("stroke-dasharray") == 4


def test_the_window_is_outlined(values: FloatArray) -> None:
    svg = shaded.grid(values, shaded.grey, window=(0, 1, 2))
    (outline,) = (
        rect.attrib
        for rect in ElementTree.fromstring(svg).iter(f"{SVG}rect")
        if rect.get("stroke") == ORANGE
    )
    assert (int(outline["x"]), int(outline["width"])) == (shaded.CELL, 2 * shaded.CELL)


def test_pixels_are_grey_and_signed_numbers_blue_or_orange() -> None:
    assert shaded.grey(np.array([-1, 1, 7], np.float32)).tolist() == [[0] * 3, [255] * 3, [255] * 3]
    values = np.array([-2, 0, 2, 5], np.float32)
    blue, white, orange, beyond = shaded.signed(2)(values).tolist()
    assert bytes(blue).hex() == BLUE[1:].lower()
    assert white == [255, 255, 255]
    assert bytes(orange).hex() == ORANGE[1:].lower()
    assert beyond == orange


@pytest.mark.parametrize("limit", [0.0, 1.0])
def test_numbers_are_black_on_light_and_white_on_dark(limit: float) -> None:
    svg = shaded.grid(np.zeros((1, 1), np.float32), shaded.signed(limit))
    assert 'fill="black">0.00' in svg
    assert 'fill="white">-1.00' in shaded.grid(np.full((1, 1), -1, np.float32), shaded.grey)


def test_a_picture_has_a_square_a_number(values: FloatArray) -> None:
    image = shaded.picture(values, shaded.signed(1), 4)
    assert image.size == (12, 8)
    assert image.getpixel((3, 0)) == image.getpixel((0, 3))
    assert image.getpixel((4, 0)) == (255, 255, 255)
