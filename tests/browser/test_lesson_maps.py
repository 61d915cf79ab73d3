"""The lesson's feature maps in a real browser: a click picks one."""

import pytest
from playwright.sync_api import expect

from tests.support.browser import Visitor

pytestmark = pytest.mark.browser


def test_a_click_picks_a_map(visitor: Visitor) -> None:
    visitor.arrive("/learn?part=Features")
    sheet = visitor.page.get_by_role("figure", name="liveliest feature maps")
    slider = visitor.page.get_by_role("slider", name="Map, from the liveliest")
    expect(slider).to_have_value("1")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    # The third of six in the first row, away from its middle.
    tile = min(box["width"] / 6, 80)
    sheet.click(position={"x": tile * 2.2, "y": tile * 0.3})
    expect(slider).to_have_value("3")
    visitor.see("over the part of the photo that the network sees")


def test_the_stages_are_shown(visitor: Visitor) -> None:
    visitor.arrive("/learn?part=Phases")
    for stage in ("Untrained head", "After phase 1", "After phase 2"):
        visitor.see_chart(f"{stage}, most probable classes")
    visitor.see_chart("Map of")
