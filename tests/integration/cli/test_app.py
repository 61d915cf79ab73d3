"""The command `app` serves the app from whatever folder it is called in."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from tests.support.repository import ROOT

SECONDS = 60


def test_the_app_is_served_with_its_settings(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = tmp_path / "log"
    with log.open("w") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "imgcls", "app", "--port", str(port)],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT), "BROWSER": "true", "DISPLAY": ":0"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        until = time.monotonic() + SECONDS
        while not answers(f"http://127.0.0.1:{port}/_stcore/health"):
            assert server.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.2)
        assert answers(f"http://127.0.0.1:{port}/learn")
        assert f"http://localhost:{port}" in log.read_text()
        assert "usage statistics" not in log.read_text(), "the settings of the app do not hold"
    finally:
        server.terminate()
        assert server.wait(timeout=SECONDS) is not None


def answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as said:
            return bool(said.status == 200)
    except OSError:
        return False
