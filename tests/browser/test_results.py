import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visitor

pytestmark = pytest.mark.browser


def figure(visitor: Visitor, alt: str) -> Locator:
    return visitor.page.get_by_role("figure", name=alt)


def test_open_a_cell_of_the_confusion_matrix(visitor: Visitor) -> None:
    visitor.arrive("/results")
    # Charts that are still being drawn above move the select box away from its open list.
    matrix = figure(visitor, "Confusion matrix of validation photos")
    expect(matrix.locator("svg").first).to_be_visible()
    visitor.see_picture("Photo of")
    visitor.choose("True class", "bar")
    visitor.choose("Predicted class", "bar")
    visitor.see("Validation photos of bar that were called bar")
    photos = visitor.page.get_by_role("img", name="Photo of bar called bar")
    expect(photos.first).to_be_visible()
    visitor.see_in_address("true=bar")
    visitor.see_in_address("predicted=bar")


def test_a_link_opens_the_same_cell(visitor: Visitor) -> None:
    visitor.arrive("/results?photos=test&true=square&predicted=square")
    visitor.see("Test photos of square that were called square")


def test_a_cell_can_be_picked_with_mouse_and_keys(visitor: Visitor) -> None:
    visitor.arrive("/results")
    table = visitor.page.get_by_role("region", name="Confusion matrix: one row a true class")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 100, "y": 52})
    heading = visitor.page.get_by_role("heading", name="that were called")
    visitor.see("Validation photos of bar that were called")
    before = heading.inner_text()
    visitor.page.keyboard.press("ArrowDown")
    expect(heading).not_to_have_text(before)
    visitor.see("Validation photos of disc that were called")


def test_the_run_stands_with_its_counts_and_its_origin(visitor: Visitor) -> None:
    visitor.arrive("/results")
    expect(figure(visitor, "Loss per epoch, epochs 1 to 4")).to_be_visible()
    visitor.see("test photos, which played no part in training (95 % interval")
    visitor.see("Base weights:")
