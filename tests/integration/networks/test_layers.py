import math

import keras
import pytest

from imgcls.architectures.network import Network
from imgcls.architectures.registry import NETWORKS
from imgcls.config import with_settings
from imgcls.networks.build import build_model, freeze
from imgcls.networks.layers import cut_index, describe, multiply_adds, network_layers
from imgcls.presets import PRESETS

PRETRAINED = [network for network in NETWORKS.values() if network.pretrained]


def test_the_papers_parameters() -> None:
    table = describe(PRESETS["paper"])
    assert table["base_layers"] == 154
    assert table["total_params"] == 2_340_618
    assert [phase["trainable_params"] for phase in table["phases"]] == [82_634, 1_442_634]


@pytest.mark.parametrize("network", PRETRAINED, ids=lambda network: network.name)
@pytest.mark.parametrize("size", [32, 96, 224])
def test_base_is_keras_layer_for_layer(network: Network, size: int) -> None:
    (base,) = network.build(size)
    ours = network.table(size)
    assert len(ours) == len(base.layers) == network.base_layers
    for mine, theirs in zip(ours[1:], base.layers[1:], strict=True):  # the input's name is counted
        assert (mine.name, mine.type, mine.params) == (
            theirs.name,
            type(theirs).__name__,
            theirs.count_params(),
        )
        assert mine.trainable_params == sum(math.prod(v.shape) for v in theirs.trainable_weights)
        assert mine.output_shape == theirs.output.shape[1:]


@pytest.mark.parametrize("network", PRETRAINED, ids=lambda network: network.name)
def test_one_tensor_is_all_that_goes_on_behind_a_cut(network: Network) -> None:
    """Otherwise Keras could not make a model of what is above it."""
    (base,) = network.build(32)
    for cut in network.cuts:
        above = keras.Model(base.layers[cut].output, base.output)
        inside = len(above.layers) - 1
        assert inside == len(base.layers) - cut - 1


@pytest.mark.parametrize("network", NETWORKS.values(), ids=lambda network: network.name)
def test_what_is_shown_of_it_are_layers_of_it(network: Network) -> None:
    names = [layer.name for layer in network.table(64)]
    assert [name for name in names if name in network.depths] == list(network.depths)
    assert network.first_convolution in names


@pytest.mark.parametrize("boundary", [0, 60, 129, 130, 131, 153])
def test_trainable_parameters_follow_the_boundary(boundary: int) -> None:
    config = with_settings(
        PRESETS["paper"], [f"fine_tune_at={boundary}", "image_size=32", "engine=plain"]
    )
    base = keras.applications.MobileNetV2(input_shape=(32, 32, 3), include_top=False, weights=None)
    model = build_model(config, 7, base)
    for phase, ours in zip(config.phases, describe(config, classes=7)["phases"], strict=True):
        freeze(model, phase.first_trainable)
        assert ours["trainable_params"] == sum(
            v.value.shape.num_elements() for v in model.trainable_variables
        )
        assert ours["trainable_params"] + ours["frozen_params"] == model.count_params()


@pytest.mark.parametrize("size", [32, 96, 224])
def test_small_residual_network_is_keras_layer_for_layer(size: int) -> None:
    (body,) = NETWORKS["small_resnet"].build(size)
    assert isinstance(body, keras.Model)
    assert [
        (layer.name, layer.type, layer.params, layer.output_shape)
        for layer in NETWORKS["small_resnet"].table(size)
    ] == [
        (layer.name, type(layer).__name__, layer.count_params(), layer.output.shape[1:])
        for layer in body.layers
    ]
    config = PRESETS["scratch-residual"]
    model = build_model(config, 10, None)
    assert describe(config)["total_params"] == model.count_params()
    (phase,) = describe(config)["phases"]
    assert phase["trainable_params"] == sum(
        variable.value.shape.num_elements() for variable in model.trainable_variables
    )


def test_small_cnn_is_keras_layer_for_layer() -> None:
    model = build_model(PRESETS["scratch"], 10, None)
    ours = network_layers(PRESETS["scratch"])
    assert [(layer.name, layer.type, layer.params) for layer in ours] == [
        (layer.name, type(layer).__name__, layer.count_params()) for layer in model.layers
    ]
    assert [layer.output_shape for layer in ours] == [
        layer.output.shape[1:] for layer in model.layers
    ]


@pytest.mark.parametrize(
    ("fine_tune_at", "name"),
    [
        (9, "expanded_conv_project_BN"),
        (54, "block_5_add"),
        (124, "block_12_add"),
        (125, "block_13_project_BN"),
        (130, "block_13_project_BN"),
        (134, "block_14_add"),
        (153, "block_16_project_BN"),
    ],
)
def test_cut_is_the_last_bottleneck_below_the_boundary(fine_tune_at: int, name: str) -> None:
    config = with_settings(PRESETS["paper"], [f"fine_tune_at={fine_tune_at}"])
    layer = next(layer for layer in network_layers(config) if layer.base_index == cut_index(config))
    assert layer.name == name


def test_multiply_adds_of_the_base_are_those_of_the_paper_that_introduced_it() -> None:
    # Sandler et al. 2018, table 4: 300 million for 224 px, of which 1.28 million are the top layer
    # that is left out here.
    assert multiply_adds(PRESETS["hires"]) == pytest.approx(300e6 - 1.28e6, rel=0.01)


def test_multiply_adds_of_a_layer() -> None:
    by_name = {layer.name: layer for layer in network_layers(PRESETS["paper"])}
    assert by_name["Conv1"].multiply_adds == 80 * 80 * 27 * 32
    assert by_name["block_1_depthwise"].multiply_adds == 40 * 40 * 9 * 96
    assert by_name["Conv_1"].multiply_adds == 5 * 5 * 320 * 1280
    assert by_name["dense"].multiply_adds == 1280 * 64
    assert {layer.name: layer for layer in network_layers(PRESETS["scratch"])}[
        "conv1"
    ].multiply_adds == (160 * 160 * 27 * 16)
