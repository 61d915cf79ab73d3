import re
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from imgcls.datasets import open_dataset
from imgcls.judged import judge, surest_mistakes
from imgcls.report import PHOTOS, html
from imgcls.runs import Run


def test_it_holds_the_figures_and_no_photo(finished: Run) -> None:
    written = html(finished)
    test = finished.record["test"]
    assert f"{test['accuracy'] * 100:.1f} % of {test['n']:,} test photos" in written
    assert finished.record["base"]["sha256"][:12] in written
    assert finished.record["command"].split()[-1] in written
    assert "fine_tune_learning_rate" in written
    assert "<img" not in written


def test_photos_are_those_asked_for(finished: Run, drawn_photos: Path) -> None:
    written = html(finished, open_dataset(drawn_photos))
    mistakes = surest_mistakes(judge(finished.predictions(), finished.record["temperature"]))
    shown = re.findall(r'<img alt="" src="data:image/jpeg;base64,', written)
    assert len(shown) == min(PHOTOS, len(mistakes))


def test_names_are_text_not_markup(finished: Run) -> None:
    named = Run(finished.path, {**finished.record, "name": "<script>alert(1)</script>"})
    assert "<script>alert" not in html(named)


@pytest.mark.browser
def test_a_browser_draws_it_without_a_network(
    finished: Run, tmp_path: Path, chromium_path: str
) -> None:
    path = tmp_path / "report.html"
    path.write_text(html(finished), encoding="utf-8")
    asked, problems = [], []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path)
        page = browser.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(path.as_uri())
        page.locator(".main-svg").first.wait_for()
        assert page.locator(".plotly-graph-div").count() == 4
        assert page.get_by_role("heading", name="Where it comes from").is_visible()
        browser.close()
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    assert not problems
