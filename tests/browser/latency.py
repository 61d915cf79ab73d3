"""How long from dropping a photo to reading its answer, in a real browser: a script, not a test.

    python -m tests.browser.latency [TIMES]

The app is warm: the first five are not counted.
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

from playwright.sync_api import FilePayload, sync_playwright

from imgcls import examples
from tests.browser.conftest import Visitor, serve

WARM_UP = 5


def main(times: int) -> None:
    """Print the median and the 95th percentile."""
    photo = examples.photos()["A temple"]
    taken = []
    with tempfile.TemporaryDirectory() as empty, served(Path(empty)) as visitor:
        visitor.arrive("/predict")
        for number in range(WARM_UP + times):
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
    counted = taken[WARM_UP:]
    print(  # noqa: T201  what this script is for
        f"{len(counted)} photos: p50 {median(counted) * 1000:.0f} ms, "
        f"p95 {quantiles(counted, n=20)[-1] * 1000:.0f} ms, {os.cpu_count()} cores"
    )


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
