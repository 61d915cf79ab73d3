import numpy as np
import pytest

from imgcls.networks.feature_info import depths, liveliest
from imgcls.presets import PRESETS


def test_six_depths_of_the_paper_shrink_and_deepen() -> None:
    known = depths(PRESETS["paper"])
    assert [depth.shape for depth in known] == [
        (80, 80, 32),
        (40, 40, 24),
        (20, 20, 32),
        (10, 10, 96),
        (5, 5, 320),
        (5, 5, 1280),
    ]
    assert [depth.signed for depth in known] == [False, True, True, True, True, False]
    assert known[-1].layer == "out_relu"


def test_the_small_cnn_has_its_own() -> None:
    known = depths(PRESETS["scratch"])
    assert [depth.layer for depth in known] == ["conv1", "conv2", "conv3", "conv4", "pool4"]
    assert not any(depth.signed for depth in known)


@pytest.mark.parametrize("count", [2, 9])
def test_the_liveliest_maps_spread_most(count: int) -> None:
    maps = np.zeros((2, 2, 4), np.float32)
    maps[..., 0] = 5  # strong, and the same everywhere
    maps[0, 0, 1] = 1
    maps[0, 0, 2] = -3
    assert liveliest(maps, count) == [2, 1, 0, 3][:count]


def test_maps_of_a_single_place_are_in_the_order_of_their_size() -> None:
    assert liveliest(np.array([[[0, -2, 1]]], np.float32), 3) == [1, 2, 0]
