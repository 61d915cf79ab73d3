"""What a newcomer does in the first minute with the app that `make app` has started.

Run by tests/repository/first_start.py, which gives the address; not collected otherwise.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from imgcls._utils.formatting import percent
from imgcls.data.bundled import sample_photos
from imgcls.runs import store
from tests.support.browser import Server, Visitor, visit

pytestmark = pytest.mark.browser
MODELS = Path("models")
SECONDS = 180  # until TensorFlow is loaded and the digits are trained on


@pytest.fixture
def newcomer(browser: Browser) -> Iterator[Visitor]:
    yield from visit(browser, Server(os.environ["IMGCLS_ADDRESS"], os.getpid(), MODELS))


def test_overview_has_its_numbers(newcomer: Visitor) -> None:
    run = store.default(MODELS)
    assert run.record.preset == "hires"
    newcomer.arrive()
    newcomer.see("This answer took")
    newcomer.see(percent(run.test.accuracy))
    newcomer.see("Easier than it looks")


def test_predict_answers_for_the_first_photo(newcomer: Visitor) -> None:
    newcomer.arrive("/predict")
    newcomer.drop(("flower.jpg", sample_photos()["A flower"]))
    newcomer.see_picture("flower.jpg, and the square of it that the network sees")
    newcomer.see("This answer took")


def test_every_shipped_run_has_its_results(newcomer: Visitor) -> None:
    for run in store.readable(MODELS):
        newcomer.arrive(f"/results?run={run.id}&view=Test")
        newcomer.see(f"{run.test.n:,} test photos")
        newcomer.see("Confusion matrix")
        expect(newcomer.page.get_by_text("Something went wrong")).to_have_count(0)


def test_the_default_run_has_all_its_evidence(newcomer: Visitor) -> None:
    newcomer.arrive()
    newcomer.go_to("Results")
    newcomer.see_chart("Confusion matrix of test photos")
    for view, shown in (
        ("Training", "Did training help?"),
        ("Phases", "Is it chance?"),
        ("Map", "Each mark is one of 3,925"),
        ("Compare", "How did they end?"),
        ("Origin", "How do I take it away?"),
    ):
        newcomer.page.get_by_role("tab", name=view).click()
        newcomer.see(shown)
    expect(newcomer.page.get_by_text("Something went wrong")).to_have_count(0)


def test_learn_is_complete(newcomer: Visitor) -> None:
    newcomer.arrive("/learn")
    newcomer.see("Sum of the nine products")
    newcomer.press("Next: What the network sees")
    newcomer.see("Inside a bottleneck")
    newcomer.arrive("/learn?part=Phases")
    newcomer.see_chart("After phase 2, most probable classes")
    newcomer.arrive("/learn?part=Limits")
    newcomer.see("What the base is given")
    expect(newcomer.page.get_by_text("Something went wrong")).to_have_count(0)


def test_digits_are_trained_live_and_offline(newcomer: Visitor) -> None:
    newcomer.arrive()
    newcomer.go_to("Train")
    newcomer.see("Train on the digits")  # at 160 px, which takes a minute more than this
    newcomer.press("Open the digits")
    newcomer.page.get_by_text("Change the recipe").click()
    newcomer.choose("Image size", "32")
    newcomer.see("image size 32, not 160")
    newcomer.wait()
    newcomer.page.get_by_role("button", name="Train", exact=True).click()
    newcomer.see("A training is starting")
    expect(newcomer.page.get_by_text("It took")).to_be_visible(timeout=SECONDS * 1000)
    newcomer.press("Show its results")
    newcomer.see("Which classes does it confuse?")
