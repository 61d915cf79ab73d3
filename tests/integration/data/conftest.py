"""What the tests of downloading share: a local server, and where to put what it sends."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.download import Server, drawn, packed


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("no_proxy", "*")
    with Server(packed(drawn())) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "data" / "imagenette"
