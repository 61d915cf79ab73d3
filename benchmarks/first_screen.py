"""When each page has something to read, and how far it moves afterwards, in a real browser.

    python -m benchmarks.first_screen [TIMES]

Each page is opened by its address in a new window, which has nothing of the app in its cache; the
server is warm. Layout shift is the browser's own figure (cumulative layout shift: the largest sum
within five seconds without a pause of one); up to 0.1 counts as good.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.support.browser import SECONDS, Server, Visitor, serve
from tests.support.shipped import furnish

SCREENS = {
    "wide": ViewportSize(width=1280, height=900),
    "phone": ViewportSize(width=390, height=844),
}
# Address of each page, and what is useful on it first.
PAGES = {
    "/": "This answer took",
    "/classes": "You have photos",
    "/dataset?data=Digits": "Digits: 1,797 photos",
    "/learn": "One pixel at a time",
    "/train?data=Digits": "The paper's two phases",
    "/results": "played no part in training",
    "/predict": "Drop in photos",
}
SETTLED = 1.5  # seconds without which charts and fonts may still come
# Sums up as https://web.dev/articles/cls says.
OBSERVE = """
window.shift = 0;
window.shifted = [];
let sum = 0, first = 0, last = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    if (entry.hadRecentInput) continue;
    if (entry.startTime - last > 1000 || entry.startTime - first > 5000) {
      sum = 0;
      first = entry.startTime;
    }
    last = entry.startTime;
    sum += entry.value;
    window.shift = Math.max(window.shift, sum);
    const place = (box) => [box.x, box.y, box.width, box.height].map(Math.round).join(" ");
    const moved = entry.sources.map(({ node, previousRect, currentRect }) =>
      `${node?.dataset?.testid ?? node?.nodeName} ${place(previousRect)} to ${place(currentRect)}`);
    const when = `${entry.value.toFixed(3)} after ${Math.round(entry.startTime)} ms`;
    window.shifted.push(`${when}: ${moved}`);
  }
}).observe({ type: "layout-shift", buffered: true });
"""


def main(times: int) -> None:
    """Print a table, and what moved most in any window."""
    with tempfile.TemporaryDirectory() as folder, _browser() as browser:
        variables = furnish(Path(folder))
        for server in serve(Path(folder, "models"), variables):
            _open_all(browser, server)  # warm
            print("| page | screen | something to read, s | layout shift |")
            print("| --- | --- | ---: | ---: |")
            moved = []
            for address, useful in PAGES.items():
                for name, screen in SCREENS.items():
                    seen = [_visit(browser, server, address, useful, screen) for _ in range(times)]
                    seconds, shift = median(each[0] for each in seen), max(each[1] for each in seen)
                    print(f"| {address} | {name} | {seconds:.2f} | {shift:.3f} |", flush=True)
                    worst = max(seen, key=itemgetter(1))
                    moved += [f"{address}, {name}: {each}" for each in worst[2]]
            print(f"\n{times} windows each: median, largest shift; {os.cpu_count()} cores\n")
            print("\n".join(moved))


def _open_all(browser: Browser, server: Server) -> None:
    for address, useful in PAGES.items():
        _visit(browser, server, address, useful, SCREENS["wide"])


def _visit(
    browser: Browser, server: Server, address: str, useful: str, screen: ViewportSize
) -> tuple[float, float, list[str]]:
    """Return seconds until there is something to read, the layout shift, and what moved."""
    context = browser.new_context(viewport=screen)
    page: Page = context.new_page()
    page.add_init_script(OBSERVE)
    began = time.perf_counter()
    page.goto(server.url + address, wait_until="commit")
    # Not `expect`, which looks again after a tenth of a second, a quarter, half a one and more.
    page.get_by_text(useful).first.wait_for(timeout=SECONDS * 1000)
    seconds = time.perf_counter() - began
    Visitor(page, server).wait()
    page.wait_for_timeout(SETTLED * 1000)
    shift, shifted = page.evaluate("[shift, shifted]")
    context.close()
    return seconds, shift, shifted


@contextmanager
def _browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        yield browser
        browser.close()


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 5)
