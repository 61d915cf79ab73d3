from itertools import pairwise

import keras
import pytest

from imgcls.lesson.bottleneck import bottlenecks
from imgcls.networks.layers import network_layers
from imgcls.presets import PRESETS


def test_one_of_the_paper_by_hand() -> None:
    opened = bottlenecks(PRESETS["paper"])[14]
    assert opened.name == "bottleneck 14"
    assert [(step.name, step.input_shape, step.output_shape) for step in opened.steps] == [
        ("expand", (5, 5, 160), (5, 5, 960)),
        ("depthwise", (5, 5, 960), (5, 5, 960)),
        ("project", (5, 5, 960), (5, 5, 160)),
    ]
    expand, depthwise, project = 25 * 160 * 960, 25 * 9 * 960, 25 * 960 * 160
    assert [step.multiply_adds for step in opened.steps] == [expand, depthwise, project]
    assert opened.multiply_adds == expand + depthwise + project
    assert opened.separable == depthwise + project
    assert opened.ordinary == 25 * 9 * 960 * 160
    assert opened.narrow == 25 * 9 * 160 * 160
    assert opened.residual


def test_without_a_stride_the_share_is_that_of_the_formula() -> None:
    for opened in bottlenecks(PRESETS["hires"]):
        depthwise, project = opened.steps[-2:]
        if depthwise.input_shape == depthwise.output_shape:
            share = 1 / 9 + 1 / project.output_shape[-1]
            assert opened.separable / opened.ordinary == pytest.approx(share)


def test_they_are_linked_and_add_up() -> None:
    config = PRESETS["paper"]
    known = bottlenecks(config)
    assert len(known) == 17
    assert [step.name for step in known[0].steps] == ["depthwise", "project"]
    for before, after in pairwise(known):
        assert after.steps[0].input_shape == before.steps[-1].output_shape
        same = after.steps[0].input_shape == after.steps[-1].output_shape
        assert after.residual == same
    base = sum(
        layer.multiply_adds for layer in network_layers(config) if layer.base_index is not None
    )
    first, last = 80 * 80 * 27 * 32, 5 * 5 * 320 * 1280
    assert sum(opened.multiply_adds for opened in known) == base - first - last


def test_shapes_are_those_of_keras() -> None:
    base = keras.applications.MobileNetV2((160, 160, 3), include_top=False, weights=None)
    for number, opened in enumerate(bottlenecks(PRESETS["paper"])):
        prefix = f"block_{number}" if number else "expanded_conv"
        for step in opened.steps:
            assert base.get_layer(f"{prefix}_{step.name}").output.shape[1:] == step.output_shape


def test_the_small_cnn_has_none() -> None:
    assert bottlenecks(PRESETS["scratch"]) == []
