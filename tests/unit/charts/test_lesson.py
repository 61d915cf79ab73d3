from itertools import chain

import pytest

from imgcls.charts.lesson import CACHED, FROZEN, HEAD, TRAINED, layer_strip
from imgcls.config import with_settings
from imgcls.presets import PRESETS


@pytest.mark.parametrize(
    ("at", "cached", "frozen"), [(130, 125, 5), (125, 125, 0), (9, 9, 0), (153, 151, 2)]
)
def test_each_layer_is_in_the_strip_once(at: int, cached: int, frozen: int) -> None:
    figure = layer_strip(with_settings(PRESETS["paper"], [f"fine_tune_at={at}"]))
    bars = {bar.name: list(bar.x) for bar in figure.data}
    assert sorted(chain(*bars.values())) == list(range(158))
    assert bars[TRAINED] == list(range(at, 154))
    assert bars[HEAD] == [154, 155, 156, 157]
    assert (len(bars[CACHED]), len(bars[FROZEN])) == (cached, frozen)


def test_the_strip_shows_how_the_picture_shrinks() -> None:
    figure = layer_strip(PRESETS["paper"])
    cached = figure.data[0]
    assert cached.y[0] == 160
    assert cached.y[124] == 5
    assert "block_13_project_BN (BatchNormalization), 640" in cached.customdata[124]
