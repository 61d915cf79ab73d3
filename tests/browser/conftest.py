"""A real server on an empty machine or a furnished one, and a visitor with a real browser."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from imgcls.runs.run import Run
from tests.support.browser import SECONDS, Server, Visitor, serve, visit
from tests.support.shipped import furnish

expect.set_options(timeout=SECONDS * 1000)


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    """Start one browser for all tests."""
    with sync_playwright() as playwright:
        # A camera that shows a moving pie, and that nobody has to allow.
        camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        chromium = playwright.chromium.launch(executable_path=chromium_path, args=camera)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(
    finished: Run, drawn_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Serve the app with a finished run and the drawings that it learned from.

    One for all tests of a process: what a test adds to its folder of runs, it removes.
    """
    yield from _furnished(finished, drawn_photos, tmp_path_factory)


@pytest.fixture
def new_server(
    finished: Run, drawn_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """Serve the same, and nobody has been there before."""
    yield from _furnished(finished, drawn_photos, tmp_path_factory)


def _furnished(
    finished: Run, drawn_photos: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    models = tmp_path_factory.mktemp("served") / "models"
    shutil.copytree(finished.path.parent, models)
    with_data = {"IMGCLS_MODELS": str(models), "IMGCLS_DATA": str(drawn_photos)}
    yield from serve(models, with_data)


@pytest.fixture(scope="session")
def bare_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the app on a machine without runs, without a dataset and without a network."""
    folder = tmp_path_factory.mktemp("bare")
    nothing = {
        "IMGCLS_MODELS": str(folder / "models"),
        "IMGCLS_DATA": str(folder / "data" / "imagenette"),
        "KERAS_HOME": str(folder / "keras"),
        "https_proxy": "http://127.0.0.1:9",
    }
    yield from serve(folder / "models", nothing)


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the app as it is after cloning: with the shipped runs, and no photos but the digits."""
    folder = tmp_path_factory.mktemp("lab")
    yield from serve(folder / "models", furnish(folder))


@pytest.fixture
def visitor(browser: Browser, server: Server) -> Iterator[Visitor]:
    """Somebody who opens the app with a finished run."""
    yield from visit(browser, server)


@pytest.fixture
def first_visitor(browser: Browser, bare_server: Server) -> Iterator[Visitor]:
    """Somebody who opens the app where nothing has been prepared."""
    yield from visit(browser, bare_server)
