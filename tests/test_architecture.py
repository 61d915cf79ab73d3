import keras
import pytest

from imgcls.architecture import describe, layers
from imgcls.config import PRESETS, with_settings
from imgcls.model import build_model, freeze


def test_the_papers_parameters() -> None:
    table = describe(PRESETS["paper"])
    assert table["base_layers"] == 154
    assert table["total_params"] == 2_340_618
    assert [phase["trainable_params"] for phase in table["phases"]] == [82_634, 1_442_634]


@pytest.mark.parametrize("size", [32, 96, 160, 224])
def test_base_is_keras_layer_for_layer(size: int) -> None:
    base = keras.applications.MobileNetV2(
        input_shape=(size, size, 3), include_top=False, weights=None
    )
    config = with_settings(PRESETS["paper"], [f"image_size={size}"])
    ours = [layer for layer in layers(config) if layer.base_index is not None]
    assert len(ours) == len(base.layers)
    for mine, theirs in zip(ours[1:], base.layers[1:], strict=True):  # the input's name is counted
        assert (mine.name, mine.type, mine.params) == (
            theirs.name,
            type(theirs).__name__,
            theirs.count_params(),
        )
        assert mine.output_shape == theirs.output.shape[1:]


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


def test_small_cnn_is_keras_layer_for_layer() -> None:
    model = build_model(PRESETS["scratch"], 10, None)
    ours = layers(PRESETS["scratch"])
    assert [(layer.name, layer.type, layer.params) for layer in ours] == [
        (layer.name, type(layer).__name__, layer.count_params()) for layer in model.layers
    ]
    assert [layer.output_shape for layer in ours] == [
        layer.output.shape[1:] for layer in model.layers
    ]
