"""What holds on every page: WCAG 2.2 AA as far as axe-core tells, narrow screens, short texts."""

from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Literal

import psutil
import pytest
from playwright.sync_api import Browser, Page, TimeoutError, ViewportSize, expect

from imgcls.data.bundled import sample_photos
from pages.navigation import PAGES
from tests.support.browser import Server, Visitor, visit

pytestmark = pytest.mark.browser
Theme = Literal["light", "dark"]
AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
ALL = {"runOnly": {"type": "tag", "values": WCAG}, "rules": {"target-size": {"enabled": True}}}
# What another theme may break.
COLOURS = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
# What is Streamlit's own and cannot be mended from here: rule of axe -> selector of its elements.
STREAMLITS = {
    "svg-img-alt": ".region_brush, .region_brush_bg",  # of Vega: a region before it is drawn
}
CHECK = """
async ([options, known]) => {
  const { violations } = await axe.run(document, { elementRef: true, ...options });
  return violations.flatMap(({ id, nodes }) => nodes
    .filter(({ element }) => !(known[id] && element.matches(known[id])))
    .map(({ element, failureSummary }) => `${id}: ${element.outerHTML.slice(0, 300)}
      ${failureSummary}`));
}
"""
# Whether texts are light where the background is dark.
HAS_COLOURS = """
(scheme) => [...document.querySelectorAll('h1, [data-testid=stSidebar] p')].every((text) =>
  (Number(getComputedStyle(text).color.match(/\\d+/)) > 128) === (scheme === "dark"))
"""
WIDE, PHONE = ViewportSize(width=1280, height=900), ViewportSize(width=390, height=844)
# Charts take their size after they are drawn, so that this is waited for.
FITS = """
() => {
  const page = document.querySelector('[data-testid=stMain]');
  const pictures = [...page.querySelectorAll('[data-testid=stImage] img')];
  return page.scrollWidth <= page.clientWidth
    && pictures.every((picture) => picture.getBoundingClientRect().right <= innerWidth);
}
"""
TOO_WIDE = """
() => [...document.querySelectorAll('[data-testid=stMain] *')]
  .filter((part) => part.checkVisibility() && part.getBoundingClientRect().right > innerWidth)
  .map((part) => part.outerHTML.slice(0, 150)).slice(0, 3)
"""
SECONDS_TO_FIT = 10
MOVING = """
() => document.getAnimations().filter((moved) => moved.effect.getComputedTiming().duration > 1)
  .map((moved) => moved.effect.target.outerHTML.slice(0, 200))
"""
WORDS = 40
LONG = """
(words) => [...document.querySelectorAll('[data-testid=stMain] :is(p, li)')]
  .filter((text) => text.checkVisibility() && text.getBoundingClientRect().top < innerHeight)
  .map((text) => text.innerText)
  .filter((text) => text.trim().split(/\\s+/).length > words)
"""
VIEWS = ("Training", "Phases", "Map", "Compare", "Origin")
PARTS = 9
GUESSED = 6  # the part that keeps its charts back


@pytest.fixture
def everyone(browser: Browser, lab: Server) -> Iterator[Visitor]:
    yield from visit(browser, lab)


def places(visitor: Visitor) -> Iterator[str]:
    """Go everywhere, with the digits: their photos are there on every machine."""
    page = visitor.page
    page.emulate_media(reduced_motion="reduce")
    visitor.arrive("/?data=Digits")
    visitor.see_picture("Phase 1: frozen base")
    yield "overview"
    visitor.go_to("Your classes")
    yield "classes, none yet"
    visitor.press("Take the digits")
    visitor.see_chart("Confusion matrix: ")
    yield "classes"
    visitor.go_to("Dataset")
    yield "dataset"
    visitor.go_to("Learn")
    for part in range(1, PARTS + 1):
        visitor.see(f"Part {part} of {PARTS}")
        if part == GUESSED:
            visitor.press("Show what was measured")
            visitor.see_chart("Accuracy against training photos a class")
        yield f"learn, part {part}"
        if part < PARTS:
            visitor.press("Next: ")
            visitor.wait()
    visitor.go_to("Train")
    yield "train"
    page.get_by_text("Change the recipe", exact=True).click()
    yield "train, the recipe"
    visitor.go_to("Results")
    yield "results, Test"
    for view in VIEWS:
        page.get_by_role("tab", name=view).click()
        visitor.wait()
        yield f"results, {view}"
    visitor.go_to("Predict")
    yield "predict, no photo yet"
    visitor.drop(("flower.jpg", sample_photos()["A flower"]))
    visitor.see_chart("Most probable classes of flower.jpg")
    yield "predict"
    visitor.go_to("Your classes")
    page.get_by_text("Phone", exact=True).click()
    link = page.get_by_text("collect=").inner_text()
    yield "classes, the code for a phone"
    visitor.arrive(f"/?{link.partition('?')[2]}")
    visitor.see("Take or choose photos of")
    yield "collect"
    visitor.arrive("/learn?projector=true")
    yield "learn, on a projector"


def barriers(page: Page, themes: Sequence[Theme]) -> Iterator[str]:
    """Yield what is wrong with the page that is open: all that can be, and colours once more."""
    page.mouse.move(1, 1)  # away from the menu, whose help would cover what is pressed next
    page.evaluate(f"window.axe || {AXE}")
    yield from narrow(page, WIDE)
    for theme, rules in zip(themes, (ALL, COLOURS), strict=True):
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(HAS_COLOURS, arg=theme)
        for found in page.evaluate(CHECK, [rules, STREAMLITS]):
            yield f"{theme}: {found}"
    for moved in page.evaluate(MOVING):
        yield f"moves where less motion is asked for: {moved}"
    page.set_viewport_size(PHONE)
    yield from narrow(page, PHONE)
    page.set_viewport_size(WIDE)


def narrow(page: Page, screen: ViewportSize) -> Iterator[str]:
    """Yield what is too wide for a screen, and too long to be read on it first."""
    try:
        page.wait_for_function(FITS, timeout=SECONDS_TO_FIT * 1000)
    except TimeoutError:
        yield f"wider than {screen['width']} pixels: {page.evaluate(TOO_WIDE)}"
    for text in page.evaluate(LONG, WORDS):
        yield f"more than {WORDS} words at {screen['width']} pixels: {text}"


@pytest.mark.slow
def test_every_page_is_for_everyone_and_none_loads_tensorflow(everyone: Visitor) -> None:
    seen: list[str] = []
    found: list[str] = []
    themes: list[Theme] = ["light", "dark"]
    for place in places(everyone):
        seen.append(place)
        expect(everyone.page.get_by_text("Something went wrong")).to_have_count(0)
        found += [f"{place}: {wrong}" for wrong in barriers(everyone.page, themes)]
        themes.reverse()  # the next one begins with what is there: a change takes half a second
    assert not found, "\n\n".join(found)
    assert {place.split(",")[0] for place in seen} == {page.name for page in PAGES} | {"collect"}
    loaded = {mapped.path for mapped in psutil.Process(everyone.server.pid).memory_maps()}
    assert not [path for path in loaded if "/tensorflow/" in path]
