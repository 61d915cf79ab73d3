"""How many steps it takes, clicks and dropped files, from the first screen; and with keys alone."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Locator, expect

from imgcls.data.bundled import sample_photos
from tests.support.browser import Server, Visitor, visit
from tests.support.datasets import drawn_zip

pytestmark = pytest.mark.browser
COUNT = """
window.steps = 0;
addEventListener("pointerdown", () => window.steps++, true);
addEventListener("change", (event) => event.target.type === "file" && window.steps++, true);
"""
FLOWER = ("flower.jpg", sample_photos()["A flower"])
TABS = 80  # more than any of these pages has places for the focus


@pytest.fixture(scope="module")
def newcomer(browser: Browser, lab: Server) -> Iterator[Visitor]:
    for visitor in visit(browser, lab):
        visitor.page.add_init_script(COUNT)
        yield visitor


@contextmanager
def within(visitor: Visitor, steps: int) -> Iterator[None]:
    """Begin on the first screen, and take as many steps at most."""
    visitor.arrive()
    yield
    assert 0 < visitor.page.evaluate("steps") <= steps


def test_an_answer_for_a_photo_of_ones_own(newcomer: Visitor) -> None:
    with within(newcomer, 1):
        newcomer.drop(FLOWER)
        newcomer.see_chart("Most probable classes of flower.jpg")


def test_the_confusion_matrix_of_a_shipped_run(newcomer: Visitor) -> None:
    with within(newcomer, 2):
        newcomer.go_to("Results")
        newcomer.see_chart("Confusion matrix of test photos")


def test_a_first_answer_with_classes_of_ones_own(newcomer: Visitor) -> None:
    with within(newcomer, 3):
        newcomer.go_to("Your classes")
        newcomer.drop(("shapes.zip", drawn_zip(5)))
        field = newcomer.page.get_by_label("A photo that it has not learned")
        field.locator("input[type=file]").set_input_files(
            {"name": FLOWER[0], "mimeType": "image/jpeg", "buffer": FLOWER[1]}
        )
        newcomer.see("One of these it has to be")


def test_a_training_on_the_digits(newcomer: Visitor) -> None:
    with within(newcomer, 2):
        newcomer.go_to("Train")
        newcomer.press("Train on the digits")
        newcomer.see("A training is starting")
    newcomer.press("Stop")
    expect(newcomer.page.get_by_role("button", name="Stop")).to_have_count(0)


def test_a_classifier_to_take_away(newcomer: Visitor) -> None:
    with within(newcomer, 3):
        newcomer.page.get_by_role("link", name="Take it away").click()
        newcomer.page.get_by_role("button", name="HTML", exact=True).click()
        with newcomer.page.expect_download() as download:
            newcomer.press("Download (html)")
        assert download.value.suggested_filename.endswith(".html")


def tab_to(wanted: Locator, key: str = "Tab") -> None:
    """Press a key until something has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(TABS):
        wanted.page.keyboard.press(key)
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"{TABS} times {key} did not reach {wanted}")


def test_with_keys_alone(newcomer: Visitor) -> None:
    page, press = newcomer.page, newcomer.page.keyboard.press
    menu = page.get_by_test_id("stSidebarNav")
    newcomer.arrive()
    heat = newcomer.see("Orange: what speaks for this answer")
    tab_to(page.get_by_role("button", name="Upload", exact=True))
    tab_to(page.get_by_role("switch", name="Show where the evidence lies"))
    press("Space")
    expect(heat).to_have_count(0)

    tab_to(menu.get_by_role("link", name="Results"), "Shift+Tab")
    press("Enter")
    tab_to(page.get_by_role("tab", name="Test"))
    press("ArrowRight")
    newcomer.see("How did it learn?")

    tab_to(menu.get_by_role("link", name="Learn"), "Shift+Tab")
    press("Enter")
    newcomer.see("Part 1 of 9")
    newcomer.wait()
    tab_to(page.get_by_role("button", name="Next: "))
    press("Enter")
    newcomer.see("Part 2 of 9")
    newcomer.wait()
    tab_to(page.get_by_role("button", name="Back"))
    press("Enter")
    newcomer.see("Part 1 of 9")
    assert page.evaluate("steps") == 0  # no pointer was used
