from xml.etree import ElementTree

import pytest

from imgcls.charts.drawings import phases
from imgcls.charts.theme import BLUE, ORANGE
from imgcls.presets import PRESETS


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_can_be_drawn(name: str) -> None:
    config = PRESETS[name]
    pictures = phases.phases(config)
    assert len(pictures) == len(config.phases)
    for picture in pictures:
        ElementTree.fromstring(picture.svg)


def test_the_phases_of_the_paper() -> None:
    frozen, tuned = phases.phases(PRESETS["paper"])
    assert frozen.title == "Phase 1: frozen base, 3 epochs"
    assert frozen.parameters == "82,634 of 2,340,618 parameters are trained"
    assert frozen.layers == "layers 0-153 frozen, head trained"
    assert tuned.parameters == "1,442,634 of 2,340,618 parameters are trained"
    assert tuned.layers == "layers 0-129 frozen, layers 130-153 and head trained"
    assert (frozen.svg.count(BLUE), frozen.svg.count(ORANGE)) == (0, 1)
    assert (tuned.svg.count(BLUE), tuned.svg.count(ORANGE)) == (3, 1)


def test_from_scratch_there_is_one_phase() -> None:
    (only,) = phases.phases(PRESETS["scratch"])
    assert only.layers == "everything trained"
