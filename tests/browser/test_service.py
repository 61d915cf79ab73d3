"""The page of the service, where it can be tried."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from imgcls.data.bundled import sample_photos
from tests.support.service import serve
from tests.support.shipped import shipped

pytestmark = pytest.mark.browser


def test_it_asks_about_photos_and_needs_no_other_server(browser: Browser, tmp_path: Path) -> None:
    name = "<img src=x onerror=alert(1)>.png"
    asked: list[str] = []
    problems: list[str] = []
    page = browser.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: problems.append(str(error)))
    for server in serve(shipped("paper on digits"), tmp_path):
        page.goto(server.address)
        files: list[FilePayload] = [
            {"name": name, "mimeType": "image/png", "buffer": content}
            for name, content in ((name, sample_photos()["A temple"]), ("none.png", b"hello"))
        ]
        page.get_by_label("Photos").set_input_files(files)
        page.get_by_role("button", name="Ask").click()
        answers = page.get_by_role("status").get_by_role("row")
        expect(answers).to_have_count(2)
        good, bad = answers.all()
        expect(good.get_by_role("cell", name=name)).to_be_visible()
        expect(good).to_contain_text("%")
        expect(bad).to_contain_text("this is not a picture")
        expect(page.get_by_role("row", name="POST /predict")).to_be_visible()
        assert all(url.startswith((server.address, "data:")) for url in asked)
    page.close()
    assert not problems
