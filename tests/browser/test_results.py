import shutil

import pytest
from playwright.sync_api import Locator, Page, TimeoutError, expect

from imgcls.runs.run import load_run
from tests.support.browser import CLICKS, Visitor

pytestmark = pytest.mark.browser


def figure(visitor: Visitor, alt: str) -> Locator:
    return visitor.page.get_by_role("figure", name=alt)


def test_open_a_cell_of_the_confusion_matrix(visitor: Visitor) -> None:
    visitor.arrive("/results?view=Test&photos=validation")
    # Charts that are still being drawn above move the select box away from its open list.
    matrix = figure(visitor, "Confusion matrix of validation photos")
    expect(matrix.locator("svg").first).to_be_visible()
    visitor.see_picture("Photo of")
    visitor.choose("True class", "Bar")
    visitor.choose("Predicted class", "Bar")
    visitor.see("Validation photos of Bar that were called Bar")
    photos = visitor.page.get_by_role("img", name="Photo of Bar called Bar")
    expect(photos.first).to_be_visible()
    visitor.see_in_address("true=bar")
    visitor.see_in_address("predicted=bar")


def test_a_link_opens_the_same_cell(visitor: Visitor) -> None:
    visitor.arrive("/results?view=Test&photos=test&true=square&predicted=square")
    visitor.see("Test photos of Square that were called Square")


def test_a_cell_can_be_picked_with_mouse_and_keys(visitor: Visitor) -> None:
    visitor.arrive("/results?view=Test")
    table = visitor.page.get_by_role("region", name="Confusion matrix: one row a true class")
    table.scroll_into_view_if_needed()
    table.click(position={"x": 100, "y": 52})
    shown = visitor.page.get_by_text("that were called").first
    visitor.see("Test photos of Bar that were called")
    before = shown.inner_text()
    visitor.page.keyboard.press("ArrowDown")
    expect(shown).not_to_have_text(before)
    visitor.see("Test photos of Disc that were called")


def test_how_good_it_is_stands_on_the_first_screen_and_what_that_rests_on_behind_it(
    visitor: Visitor,
) -> None:
    visitor.arrive()
    visitor.go_to("Results")
    visitor.see("Test accuracy")
    visitor.see("95 % interval")
    visitor.see_picture("photo")
    box = figure(visitor, "Confusion matrix of test photos").bounding_box()
    window = visitor.page.viewport_size
    assert box
    assert window
    assert box["y"] + box["height"] <= window["height"]
    visitor.page.get_by_role("tab", name="Training").click()
    expect(figure(visitor, "Loss per epoch, epochs 1 to 4")).to_be_visible()
    expect(figure(visitor, "Validation accuracy against seconds")).to_be_visible()
    visitor.page.get_by_role("tab", name="Origin").click()
    visitor.see("Base weights:")
    visitor.see_in_address("view=Origin")


def test_both_phases_of_a_photo(visitor: Visitor) -> None:
    visitor.arrive("/results?view=Phases")
    visitor.see("Is it chance?")
    expect(figure(visitor, "Confusion matrix after phase 2 less")).to_be_visible()
    for phase in (1, 2):
        visitor.see_chart(f"Most probable classes after phase {phase}")
        visitor.see_picture(f"Where the evidence lies for the answer after phase {phase}")


def draw_a_region(page: Page, marks: Locator) -> None:
    box = marks.bounding_box()
    if box is None:  # it is being drawn anew
        return
    page.mouse.move(box["x"] + 10, box["y"] + 10)
    page.mouse.down()
    for share in (0.2, 0.5, 0.9):  # as a hand moves: not in one step
        page.mouse.move(box["x"] + box["width"] * share, box["y"] + box["height"] * share * 0.8)
        page.wait_for_timeout(50)
    page.mouse.up()


def test_a_region_of_the_map_shows_its_photos(visitor: Visitor) -> None:
    visitor.arrive("/results?view=Map")
    visitor.press("Show the photo under the pointer")
    marks = visitor.page.get_by_test_id("stVegaLiteChart").locator(".marks").first
    expect(marks).to_be_visible()
    visitor.wait()
    expect(visitor.page.get_by_role("button", name="Show the photo under")).to_have_count(0)
    found = visitor.page.get_by_text("photos in the region").first
    for _ in range(CLICKS):
        draw_a_region(visitor.page, marks)
        try:
            found.wait_for(timeout=5000)
        except TimeoutError:  # the chart was still being drawn, and again after it
            continue
        break
    expect(found).to_be_visible()
    visitor.see("Mistakes first")
    visitor.see_picture("Photo of")


def test_a_report_is_downloaded_and_made_only_then(visitor: Visitor) -> None:
    visitor.arrive("/results?view=Origin")
    visitor.page.get_by_text("most confident mistakes as photos").click()
    visitor.wait()
    for button, ending in (("Report (HTML)", ".html"), ("Predictions (CSV)", "predictions.csv")):
        with visitor.page.expect_download() as download:
            visitor.press(button)
        assert download.value.suggested_filename.endswith(ending)
        content = download.value.path().read_text(encoding="utf-8")
        assert "bar" in content.lower()
        assert len(content) > 1000


def test_a_run_is_deleted_only_after_asking(visitor: Visitor) -> None:
    kept = next(visitor.server.models.glob("paper-*"))
    doomed = kept.with_name("doomed")
    shutil.copytree(kept, doomed)
    visitor.arrive("/results?run=doomed&view=Compare")
    visitor.press("Delete it")
    dialog = visitor.page.get_by_role("dialog")
    expect(dialog).to_contain_text("for everybody who uses this app")
    dialog.get_by_role("button", name="Keep it").click()
    expect(dialog).to_have_count(0)
    assert doomed.is_dir()
    visitor.press("Delete it")
    dialog.get_by_role("button", name="Delete it for good").click()
    expect(dialog).to_have_count(0)
    visitor.wait()
    assert not doomed.exists()
    visitor.see(load_run(kept).title)
