import re

import pytest
from playwright.sync_api import Locator, ViewportSize, expect

from imgcls.data.bundled import sample_photos
from pages.components.photo import SHARP
from tests.support.browser import Visitor

pytestmark = pytest.mark.browser
# What each part shows that is its own, beside its title.
LESSON = {
    "One pixel at a time": "Sum of the nine products",
    "What the network sees": "Inside a bottleneck",
    "What transfer learning moves": "What it bought",
    "Phase microscope": "Untrained head",
    "When it does not transfer": "What the base is given",
    "How many photos are enough?": "Your guess",
    "The other choices": "Cross-entropy of the softmax",
    "What augmentation does": "How probable is",
    "Break it": "Your best tries",
}
PROJECTOR = ViewportSize(width=1280, height=720)


def slider(visitor: Visitor, name: str) -> Locator:
    found = visitor.page.get_by_role("slider", name=re.compile(f"^{name}"))
    found.scroll_into_view_if_needed()
    found.focus()
    return found


def choose(visitor: Visitor, option: str) -> None:
    visitor.page.get_by_role("radio", name=option, exact=True).click()
    visitor.wait()


def picture(visitor: Visitor, alt: str) -> Locator:
    return visitor.page.get_by_role("img", name=alt).first


def test_the_lesson_from_start_to_end(visitor: Visitor) -> None:
    visitor.page.set_viewport_size(PROJECTOR)
    visitor.arrive("/learn")
    for number, (title, own) in enumerate(LESSON.items(), start=1):
        expect(visitor.page.get_by_role("heading", name=title, exact=True)).to_be_in_viewport()
        visitor.see(f"Part {number} of {len(LESSON)}")
        visitor.see(own)
        expect(visitor.page.get_by_text("Something went wrong")).to_have_count(0)
        if number < len(LESSON):
            visitor.press("Next: ")
            visitor.wait()
    visitor.see("That was the lesson")
    photo = picture(visitor, "A temple")
    assert photo.evaluate("it => it.naturalWidth / it.width") == SHARP  # as screens of phones are
    visitor.page.get_by_role("link", name="Train: change one thing").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Train")


def test_a_teacher_leads_through_the_lesson_with_two_keys(visitor: Visitor) -> None:
    sidebar, press = visitor.page.get_by_test_id("stSidebar"), visitor.page.keyboard.press
    visitor.arrive("/learn?part=Limits&projector=true")
    visitor.see("When it does not transfer")
    expect(sidebar).to_be_hidden()
    expect(visitor.page.get_by_role("button", name="Next: ")).to_be_visible()
    press("PageDown")
    visitor.see("Part 6 of 9")
    visitor.see_in_address("part=Photos")
    visitor.wait()
    press("PageUp")
    visitor.see("Part 5 of 9")
    visitor.see_in_address("projector=true")
    visitor.press("Link to this page")
    visitor.see_picture("The code to scan")
    visitor.see("/learn?part=Limits")
    press("Escape")
    press("Escape")
    expect(sidebar).to_be_visible()
    assert "projector" not in visitor.page.url
    visitor.page.emulate_media(media="print")
    expect(sidebar).to_be_hidden()


def test_the_window_walks_with_the_keys(visitor: Visitor) -> None:
    visitor.arrive("/learn")
    slider(visitor, "Place of the window").press("Home")
    visitor.see("It goes into row 1, column 1 of the feature map.")
    expect(picture(visitor, "Feature map of the patch, 1 of 64 numbers")).to_be_visible()
    visitor.page.keyboard.press("ArrowRight")
    visitor.see("It goes into row 1, column 2 of the feature map.")
    products = picture(visitor, "nine products: ").get_attribute("alt")
    assert products is not None
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d+", products)]
    assert len(numbers) == 9
    total = visitor.page.get_by_text("Sum of the nine products").inner_text()
    assert float(total.split(":")[1]) == pytest.approx(sum(numbers), abs=0.05)


def test_the_networks_own_kernel_and_one_that_is_typed_in(visitor: Visitor) -> None:
    visitor.arrive("/learn")
    choose(visitor, "One of the network's own")
    visitor.see("Which of the 32 of the first layer")
    choose(visitor, "blue")
    visitor.see("These are the nine for blue")
    choose(visitor, "Typed in")
    expect(
        visitor.page.get_by_role("region", name="Kernel of 3 x 3 numbers that can be changed")
    ).to_be_visible()


def test_a_photo_of_ones_own_stays_for_the_next_part(visitor: Visitor) -> None:
    visitor.arrive("/learn")
    choose(visitor, "Your own")
    visitor.drop(("flower.jpg", sample_photos()["A flower"]))
    visitor.see("In use: flower.jpg")
    expect(picture(visitor, "flower.jpg, with a square around the patch")).to_be_visible()
    visitor.press("Next: What the network sees")
    visitor.see("In use: flower.jpg")


def test_the_nearest_run_is_taken_in_use(visitor: Visitor) -> None:
    visitor.arrive("/learn?part=Boundary")
    slider(visitor, "First layer that phase 2 trains").press("Home")
    visitor.see("The run nearest to there is")
    visitor.see_chart("Layers of the network: 0 to 8 frozen")
    visitor.press("Open it and see its results")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Results")


def test_the_choices_react(visitor: Visitor) -> None:
    visitor.arrive("/learn?part=Choices")
    before = visitor.see("Cross-entropy of the softmax").inner_text()
    slider(visitor, "Logit of Bar").press("End")
    expect(visitor.see("Cross-entropy of the softmax")).not_to_have_text(before)
    slider(visitor, "Rate").press("Home")
    expect(picture(visitor, "0 of 64 units are 0")).to_be_visible()
    slider(visitor, "Batch size").press("Home")
    visitor.see("100.0 %")
