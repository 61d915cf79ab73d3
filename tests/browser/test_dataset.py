import pytest
from playwright.sync_api import expect

from tests.support.browser import Visitor

pytestmark = pytest.mark.browser


def test_browse_the_samples(visitor: Visitor) -> None:
    visitor.arrive("/dataset")
    visitor.see("shapes: 180 photos")
    visitor.see_chart("Photos of each class by split")
    visitor.choose("Class", "Disc")
    samples = visitor.page.get_by_role("img", name="A train photo of Disc")
    expect(samples).to_have_count(12)
    sources = "JSON.stringify([...document.querySelectorAll('img')].map(image => image.src))"
    before = visitor.page.evaluate(sources)
    visitor.press("Show others")
    # All of them: by chance the first one may be the same again.
    visitor.page.wait_for_function(f"before => {sources} !== before", arg=before)
    visitor.wait()  # an answer under way would take the address of the next choice with it
    visitor.page.get_by_role("radio", name="test").click()
    visitor.see_picture("A test photo of Disc")
    visitor.see_in_address("class=disc")
    visitor.see_in_address("split=test")


def test_a_download_that_fails_says_why_and_can_be_tried_again(first_visitor: Visitor) -> None:
    first_visitor.arrive("/dataset")
    first_visitor.see("Imagenette is not on this machine")
    first_visitor.see("Digits: 1,797 photos")
    first_visitor.press("Download Imagenette (99 MB)")
    first_visitor.see("cannot be reached")
    expect(first_visitor.page.get_by_role("button", name="Go on with the download")).to_be_enabled()
