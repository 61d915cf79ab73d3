import numpy as np
import pytest
from PIL import Image

from imgcls.charts.drawings import feature_maps
from imgcls.charts.drawings.feature_maps import ABOVE, BELOW, GROUND


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, ...]:
    return tuple(np.asarray(image)[y, x].tolist())


def test_a_sheet_has_each_map_in_its_place() -> None:
    maps = np.zeros((1, 2, 3), np.float32)
    maps[0, 0, 2], maps[0, 1, 2], maps[0, 0, 1] = 4, -2, 7
    sheet = feature_maps.sheet(maps, [2, 0, 1], columns=2, tile=12)
    assert sheet.size == (24, 24)
    assert pixel(sheet, 3, 6) == (*ABOVE, 255)
    half = tuple(round((GROUND + hue) / 2) for hue in BELOW)
    assert pixel(sheet, 9, 6)[:3] == pytest.approx(half, abs=1)
    assert pixel(sheet, 15, 6) == (GROUND, GROUND, GROUND, 255)
    assert pixel(sheet, 3, 18) == (*ABOVE, 255)
    assert pixel(sheet, 18, 18)[3] == 0  # there is no fourth map
    assert pixel(sheet, 0, 0)[3] == 0


def test_over_the_photo_a_zero_leaves_it_and_the_largest_covers_it() -> None:
    photo = np.full((8, 8, 3), (200, 100, 50), np.uint8)
    values = np.array([[0, 3], [-3, 1.5]], np.float32)
    picture = feature_maps.over_photo(photo, values, 16)
    assert picture.size == (16, 16)
    nothing, most = pixel(picture, 2, 2), pixel(picture, 12, 2)
    assert len(set(nothing)) == 1  # the photo in grey
    assert nothing[0] > GROUND
    assert most == ABOVE
    assert pixel(picture, 2, 12) == BELOW
    between = pixel(picture, 12, 12)
    assert between == pytest.approx(
        [(a + b) / 2 for a, b in zip(nothing, most, strict=True)], abs=2
    )


def test_a_map_of_zeros_can_be_drawn() -> None:
    photo = np.full((4, 4, 3), 90, np.uint8)
    picture = feature_maps.over_photo(photo, np.zeros((2, 2), np.float32), 8)
    assert len(np.unique(np.asarray(picture).reshape(-1, 3), axis=0)) == 1
    feature_maps.kernels(np.zeros((1, 3, 3, 3), np.float32), 1, 8)


def test_kernels_are_grey_at_zero_and_of_the_colour_they_look_for() -> None:
    found = np.zeros((2, 1, 2, 3), np.float32)
    found[0, 0, 0, 0] = 0.5  # red
    found[1, 0, 1] = -0.1  # black
    sheet = feature_maps.kernels(found, columns=2, tile=12)
    assert pixel(sheet, 3, 6)[:3] == pytest.approx((255, 128, 128), abs=1)
    assert pixel(sheet, 9, 6)[:3] == pytest.approx((128, 128, 128), abs=1)
    assert pixel(sheet, 21, 6)[:3] == (0, 0, 0)


def test_a_map_larger_than_its_tile_is_averaged() -> None:
    maps = np.zeros((64, 64, 1), np.float32)
    maps[::2] = 1
    tile = feature_maps.sheet(maps, [0], columns=1, tile=18)
    half = [(GROUND + hue) / 2 for hue in ABOVE]
    assert pixel(tile, 9, 9)[:3] == pytest.approx(half, abs=2)
