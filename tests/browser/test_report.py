from pathlib import Path

import msgspec
import pytest
from playwright.sync_api import Browser

from imgcls.export.report import html
from imgcls.runs.run import Run
from tests.support.names import EVIL
from tests.support.runs import changed

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


def test_names_in_it_are_text(finished: Run, tmp_path: Path, browser: Browser) -> None:
    names = (
        f"<img src=https://{EVIL}/x onerror=alert(1)>",
        f"<a href=//{EVIL}>b</a>",
        "$x$ caf\u202e",
    )
    classes = [
        msgspec.structs.replace(known, name=name)
        for known, name in zip(finished.record.data.classes, names, strict=True)
    ]
    data = msgspec.structs.replace(finished.record.data, classes=tuple(classes), name=names[0])
    path = tmp_path / "report.html"
    run = changed(
        finished, data=data, name=f"</title></script><script>location='//{EVIL}'</script>"
    )
    path.write_text(html(run), encoding="utf-8")
    asked: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.locator(".main-svg").first.wait_for()
    shown = page.locator("body").inner_text()
    links = page.locator(f"a[href*='{EVIL}'], img[src*='{EVIL}']").count()
    in_chart = page.locator(".ytick text", has_text="<a href=//").count()
    page.close()
    assert [url for url in asked if EVIL in url] == []
    assert links == 0
    assert in_chart
    assert run.title in shown
    assert names[0] in shown
    assert "$x$ caf⟨U+202E⟩" in shown
