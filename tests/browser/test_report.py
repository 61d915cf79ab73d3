from pathlib import Path

import pytest
from playwright.sync_api import Browser

from imgcls.export.report import html
from imgcls.runs.run import Run

pytestmark = pytest.mark.browser


def test_it_is_drawn_without_a_network(finished: Run, tmp_path: Path, browser: Browser) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(finished), encoding="utf-8")
    asked: list[str] = []
    problems: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(path.as_uri())
    page.locator(".main-svg").first.wait_for()
    assert page.locator(".plotly-graph-div").count() == 4
    assert page.get_by_role("heading", name="Where it comes from").is_visible()
    page.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert not problems
