"""How long people wait, in a real browser: a script, not a test.

    python -m benchmarks.browser [TIMES]

From dropping a photo to reading its answer, and from choosing a view of Results until its last
chart stands. The app is warm: the first rounds are not counted.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from playwright.sync_api import FilePayload, expect, sync_playwright

from imgcls.data.bundled import sample_photos
from tests.support.browser import Visitor, serve

WARM_UP = 5
# What each view ends its charts with, by what they say to those who do not see them.
LAST_CHARTS = {
    "Training": "Validation accuracy against seconds",
    "Test": "Confusion matrix",
    "Phases": "Most probable classes after phase 2",
    "Map": "Map of",
    "Compare": "Share of wrong labels",
}
MARKS = "svg.main-svg, .marks"  # what plotly and Vega draw into


def main(times: int) -> None:
    """Print medians and 95th percentiles."""
    with tempfile.TemporaryDirectory() as empty, served(Path(empty)) as visitor:
        _print("answers", _answers(visitor, WARM_UP + times)[WARM_UP:])
        for view, seconds in _views(visitor, 1 + times // 3).items():
            _print(f"Results, {view}", seconds[1:])


def _print(what: str, seconds: list[float]) -> None:
    print(  # noqa: T201  what this script is for
        f"{what}: p50 {median(seconds) * 1000:.0f} ms, "
        f"p95 {quantiles(seconds, n=20)[-1] * 1000:.0f} ms, n = {len(seconds)}, "
        f"{os.cpu_count()} cores"
    )


def _answers(visitor: Visitor, times: int) -> list[float]:
    photo = sample_photos()["A temple"]
    taken = []
    visitor.arrive("/predict")
    for number in range(times):
        visitor.wait()
        field = visitor.page.get_by_test_id("stFileUploader").locator("input[type=file]")
        file: FilePayload = {
            "name": f"photo {number}.jpg",
            "mimeType": "image/jpeg",
            "buffer": photo,
        }
        started = time.perf_counter()
        field.set_input_files(file)
        visitor.page.get_by_role("heading", name="church").wait_for()
        taken.append(time.perf_counter() - started)
        visitor.wait()
        visitor.press("Clear")
        visitor.see("No photo yet")
        visitor.wait()
    return taken


def _views(visitor: Visitor, times: int) -> dict[str, list[float]]:
    """Return, for each view of Results, seconds until its last chart stands."""
    taken: dict[str, list[float]] = {view: [] for view in LAST_CHARTS}
    visitor.arrive("/results?view=Origin")
    for _ in range(times):
        for view, chart in LAST_CHARTS.items():
            started = time.perf_counter()
            visitor.page.get_by_role("tab", name=view).click()
            visitor.page.locator(f"[aria-label^='{chart}']").locator(MARKS).first.wait_for()
            expect(visitor.page.get_by_test_id("stApp")).to_have_attribute(
                "data-test-script-state", "notRunning"
            )
            taken[view].append(time.perf_counter() - started)
            visitor.wait()
    return taken


@contextmanager
def served(empty: Path) -> Iterator[Visitor]:
    """Yield a visitor of an app with the shipped runs."""
    server = contextmanager(serve)(Path("models"), {"IMGCLS_DATA": str(empty)})
    with server as running, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield Visitor(browser.new_page(), running)
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
