"""A service by the smallest of the shipped runs, in a process of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from imgcls.runs.run import Run
from tests.support.server import Served
from tests.support.service import serve
from tests.support.shipped import shipped


@pytest.fixture(scope="session")
def digits() -> Run:
    return shipped("scratch on digits")


@pytest.fixture(scope="session")
def service(digits: Run, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    yield from serve(digits, tmp_path_factory.mktemp("service"))


@pytest.fixture
def short_service(digits: Run, tmp_path: Path) -> Iterator[Served]:
    """One that a test may end."""
    yield from serve(digits, tmp_path)
