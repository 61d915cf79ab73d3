"""A server of the app, in a process of its own, until a test is done with it."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HEALTH = "/_stcore/health"  # of the app
SECONDS = 60  # until it answers, on a machine that is busy with other tests


@dataclass(frozen=True)
class Served:
    """The app, running.

    Attributes:
        address: without a slash at the end.
        pid: of the process.
        log: the file with what it prints.
    """

    address: str
    pid: int
    log: Path

    def answers(self, path: str = HEALTH) -> bool:
        """Return whether an address of the server is there."""
        try:
            with urllib.request.urlopen(self.address + path, timeout=5) as said:
                return bool(said.status == 200)
        except OSError:
            return False


@contextmanager
def serving(
    command: Sequence[str], folder: Path, log: Path, *, health: str = HEALTH, **variables: str
) -> Iterator[Served]:
    """Run a command in which ``{port}`` stands for the port, and wait until `health` answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with log.open("w") as output:
        process = subprocess.Popen(
            [part.replace("{port}", str(port)) for part in command],
            cwd=folder,
            # As where a browser can be opened; here `true` plays the browser.
            env={**os.environ, "BROWSER": "true", "DISPLAY": ":0", **variables},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    served = Served(f"http://localhost:{port}", process.pid, log)
    try:
        until = time.monotonic() + SECONDS
        while not served.answers(health):
            assert process.poll() is None, f"the server has ended:\n{log.read_text()}"
            assert time.monotonic() < until, f"the server does not answer:\n{log.read_text()}"
            time.sleep(0.1)
        yield served
    finally:
        process.terminate()
        process.wait()
