"""A service by the smallest of the shipped runs, in a process of its own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from imgcls.runs.run import Run
from tests.support.repository import ROOT
from tests.support.server import Served, serving
from tests.support.shipped import MODELS, shipped


@pytest.fixture(scope="session")
def digits() -> Run:
    return shipped("scratch on digits")


@pytest.fixture(scope="session")
def service(digits: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from started(digits, tmp_path_factory.mktemp("service"))


@pytest.fixture
def short_service(digits: Run, tmp_path: Path) -> Iterator[Served]:
    """One that a test may end."""
    yield from started(digits, tmp_path)


def started(run: Run, folder: Path) -> Iterator[Served]:
    command = [sys.executable, "-m", "imgcls", "serve", run.id, "--port", "{port}"]
    with serving(
        command,
        folder,
        folder / "log",
        health="/v2/health/ready",
        PYTHONPATH=str(ROOT),
        IMGCLS_MODELS=str(MODELS),
    ) as server:
        yield server
