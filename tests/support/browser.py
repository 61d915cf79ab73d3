"""A real server, and a visitor with a real browser."""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, TimeoutError, expect

from tests.support.repository import ROOT
from tests.support.server import serving

CLICKS = 5
RESTS = """() => document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState
    === 'notRunning'"""
SECONDS = 60  # for the slowest answer of a page, on a machine that is busy with other tests


@dataclass(frozen=True)
class Server:
    """The app, running: its address, its process and its folder of runs."""

    url: str
    pid: int
    models: Path


class Visitor:
    """A person at the browser, who finds things by what they are called."""

    def __init__(self, page: Page, server: Server) -> None:
        self.page = page
        self.server = server
        page.set_default_timeout(SECONDS * 1000)

    def arrive(self, address: str = "/") -> None:
        """Type an address."""
        self.page.goto(self.server.url + address)
        self.wait()

    def go_to(self, name: str) -> None:
        """Choose a page in the menu."""
        menu = self.page.get_by_test_id("stSidebarNav")
        menu.get_by_role("link", name=name, exact=True).click()
        self.wait()

    def wait(self) -> None:
        """Wait until the page has been drawn."""
        self.page.wait_for_timeout(200)  # until the browser has told the server what was done
        # While a page is drawn again, the one before may stand there too.
        expect(self.page.get_by_role("heading", level=1).first).to_be_visible()
        # Asked at each frame: a page that looks after a training each second rests in between only.
        self.page.wait_for_function(RESTS)

    def choose(self, label: str, option: str | None = None) -> str:
        """Choose in a select box, the first one if none is named. Return what it is called."""
        listed = self.page.get_by_role("option", name=option, exact=True).first
        for _ in range(CLICKS):
            self.page.get_by_role("combobox", name=label, exact=True).click()
            try:
                chosen = listed.inner_text(timeout=3000)
                listed.click(timeout=3000)
            except TimeoutError:  # charts being drawn move the box, and that closes its list
                continue
            self.wait()
            return chosen
        pytest.fail(f"{label}: there is no {option or 'option'}")

    def press(self, name: str) -> None:
        """Press a button of the page, which is not one of Streamlit's own above it."""
        self.wait()
        self.page.get_by_test_id("stMainBlockContainer").get_by_role("button", name=name).click()

    def pick_row(self, table: str, row: int) -> None:
        """Pick a row of a table, the first one is 1: they are drawn on a canvas, so by place."""
        shown = self.page.get_by_role("region", name=table)
        shown.scroll_into_view_if_needed()
        shown.click(position={"x": 15, "y": 35 * row + 17})
        self.wait()

    def see_in_address(self, part: str) -> None:
        """Expect a part of the address, which follows the page a moment later."""
        expect(self.page).to_have_url(re.compile(re.escape(part)))

    def drop(self, *files: tuple[str, bytes]) -> None:
        """Give files to the page's upload."""
        self.wait()
        payloads: list[FilePayload] = [
            {"name": name, "mimeType": "application/octet-stream", "buffer": content}
            for name, content in files
        ]
        field = self.page.get_by_test_id("stFileUploader").locator("input[type=file]")
        field.set_input_files(payloads)

    def see(self, text: str) -> Locator:
        """Expect a text on the page and return it."""
        found = self.page.get_by_text(text).first
        expect(found).to_be_visible()
        return found

    def see_picture(self, alt: str) -> None:
        """Expect a picture by what it says to those who do not see it."""
        expect(self.page.get_by_role("img", name=alt).first).to_be_visible()

    def see_chart(self, alt: str) -> None:
        """Expect a chart by what it says to those who do not see it."""
        expect(self.page.get_by_role("figure", name=alt).first).to_be_visible()


def visit(browser: Browser, server: Server) -> Iterator[Visitor]:
    """Open a window, and complain about errors that the browser has met."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield Visitor(page, server)
    context.close()
    assert not problems


def serve(models: Path, variables: dict[str, str], script: str = "app.py") -> Iterator[Server]:
    """Run the server on a free port until the tests are done with it."""
    command = [sys.executable, "-m", "streamlit", "run", script]
    options = ["--server.address=127.0.0.1", "--server.port={port}", "--server.headless=true"]
    log = models.parent / "server.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with serving([*command, *options], ROOT, log, **variables) as served:
        yield Server(served.address.replace("localhost", "127.0.0.1"), served.pid, models)
