"""How long it takes until one's own photos, or the digits, are learned, in a real browser.

    python -m benchmarks.first_training [TIMES]

The app is as it is after cloning, each time with an empty cache and no runs but the shipped ones.
What is pressed is pressed after `READING` seconds on the page, in which the process that waits for
a training has been made ready.
"""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, expect, sync_playwright

from imgcls.runs.provenance import machine
from tests.support.browser import Visitor, serve
from tests.support.datasets import drawn_zip
from tests.support.shipped import furnish

DRAWN = 67  # photos a class, in three classes
READING = 15
SECONDS = 300  # for a training


def main(times: int) -> None:
    """Print medians, and the lowest and the highest."""
    expect.set_options(timeout=SECONDS * 1000)
    taken: dict[str, list[float]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        for _ in range(times):
            for learn in (own_classes, digits):
                with _newcomer(browser) as visitor:
                    for what, seconds in learn(visitor):
                        taken.setdefault(what, []).append(seconds)
    print(f"{machine().processor}, {machine().cores} cores, {times} times")
    for what, each in taken.items():
        print(f"{what}: {median(each):.1f} s ({min(each):.1f} to {max(each):.1f})")


def own_classes(visitor: Visitor) -> Iterator[tuple[str, float]]:
    """Drop a zip of drawings, and fine-tune."""
    photos = drawn_zip(DRAWN)
    visitor.arrive("/classes")
    started = time.perf_counter()
    visitor.drop(("shapes.zip", photos))
    visitor.see_chart("Confusion matrix: ")
    yield f"zip of {3 * DRAWN} drawings to confusion matrix", time.perf_counter() - started
    visitor.page.wait_for_timeout(READING * 1000)
    visitor.wait()
    started = time.perf_counter()
    visitor.press("Fine-tune")
    matrix = visitor.page.get_by_role("figure", name="Confusion matrix after fine-tuning")
    expect(matrix).to_be_visible()
    yield "Fine-tune to confusion matrix", time.perf_counter() - started
    onwards = visitor.page.get_by_role("button", name="Try it on Predict")
    expect(onwards).to_be_visible()
    yield "Fine-tune to the last file", time.perf_counter() - started


def digits(visitor: Visitor) -> Iterator[tuple[str, float]]:
    """Train on the digits at 32 px."""
    visitor.arrive("/train?data=Digits")
    visitor.page.get_by_text("Change the recipe", exact=True).click()
    visitor.choose("Image size", "32")
    visitor.page.wait_for_timeout(READING * 1000)
    started = time.perf_counter()
    visitor.page.get_by_role("button", name="Train", exact=True).click()
    visitor.page.get_by_text("It took").wait_for(timeout=SECONDS * 1000)
    yield "Train to finished run, digits at 32 px", time.perf_counter() - started


@contextmanager
def _newcomer(browser: Browser) -> Iterator[Visitor]:
    with tempfile.TemporaryDirectory() as folder:
        variables = furnish(Path(folder)) | {"IMGCLS_CACHE": str(Path(folder, "cache"))}
        with contextmanager(serve)(Path(folder, "models"), variables) as server:
            page = browser.new_page()
            yield Visitor(page, server)
            page.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
