import pytest

from imgcls.config import TrainConfig
from imgcls.networks.blocks import blocks
from imgcls.networks.layers import describe, network_layers
from imgcls.presets import PRESETS

every_preset = pytest.mark.parametrize("config", PRESETS.values(), ids=PRESETS)


@every_preset
def test_no_layer_is_lost_and_the_parameters_add_up(config: TrainConfig) -> None:
    parts = blocks(config)
    assert [layer for part in parts for layer in part.layers] == network_layers(config)
    network = describe(config)
    assert sum(part.params for part in parts) == network["total_params"]
    for phase, told in zip(config.phases, network["phases"], strict=True):
        trained = sum(part.trained_params(phase.first_trainable) for part in parts)
        assert trained == told["trainable_params"]


def test_mobilenet_is_its_bottlenecks_between_two_convolutions() -> None:
    names = [part.name for part in blocks(PRESETS["paper"])]
    bottlenecks = [f"bottleneck {number}" for number in range(17)]
    assert names == [
        "rescaling",
        "first convolution",
        *bottlenecks,
        "last convolution",
        "global average pooling",
        "dense",
        "dropout",
        "predictions",
    ]


def test_a_bottleneck_says_where_it_is_and_what_leaves_it() -> None:
    found = next(part for part in blocks(PRESETS["paper"]) if part.name == "bottleneck 13")
    assert found.base_indices == "116 to 124"
    assert found.output_shape == (5, 5, 160)
    assert found.types == "Conv2D, BatchNormalization, ReLU, ZeroPadding2D, DepthwiseConv2D"
