import pytest

from imgcls.lesson.head import FLATTENED, POOLED, base_params, heads, last_maps
from imgcls.networks.layers import describe
from imgcls.presets import PRESETS


@pytest.mark.parametrize("preset", ["paper", "hires", "scratch"])
def test_the_recipes_own_head_is_that_of_its_table(preset: str) -> None:
    config = PRESETS[preset]
    own = heads(config, config.dense_units, 10)[POOLED]
    network = describe(config)
    known = {layer["name"]: layer["params"] for layer in network["layers"]}
    assert [layer.params for layer in own] == [known["dense"], known["predictions"]]
    assert sum(known.values()) == base_params(config) + sum(layer.params for layer in own)


@pytest.mark.parametrize(("preset", "side"), [("paper", 5), ("hires", 7)])
def test_flatten_takes_each_place_by_itself(preset: str, side: int) -> None:
    config = PRESETS[preset]
    assert last_maps(config) == (side, side, 1280)
    first, last = heads(config, 64, 10)[FLATTENED]
    assert first.params == side * side * 1280 * 64 + 64
    assert last == heads(config, 64, 10)[POOLED][1]
