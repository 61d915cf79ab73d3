"""Somebody's first minute: in an empty folder, with an empty home, do as the README says.

    python3 tests/repository/first_start.py FOLDER

Needs nothing but git, make and Python, as that person does. The clone stays in FOLDER/imgcls, set
up; `.ci/run` goes on in it. The visitor at the browser is tests/browser/first_minute.py.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
# What would bring something in that a new machine lacks.
BROUGHT = ("IMGCLS_DATA", "IMGCLS_MODELS", "IMGCLS_CACHE", "KERAS_HOME", "XDG_CACHE_HOME")
MINUTES_TO_INSTALL = 12
# As on a laptop, where Streamlit greets and opens a browser; here `true` plays the browser.
LAPTOP = {"DISPLAY": ":0", "BROWSER": "true"}


def main(folder: Path) -> None:
    """Clone, start, look, and start again."""
    home, clone = folder / "home", folder / "imgcls"
    home.mkdir(parents=True)
    obtain(clone)
    environment = {name: value for name, value in os.environ.items() if name not in BROUGHT}
    environment["HOME"] = str(home)
    log = folder / "app.log"
    with app(clone, environment, log) as address:
        visitor = {**environment, "IMGCLS_ADDRESS": address}
        command = ["make", "test", "ARGS=tests/browser/first_minute.py"]
        subprocess.run(command, cwd=clone, env=visitor, check=True)
    with app(clone, environment, log):
        pass
    if (clone / ".git").exists():
        changed = ["git", "status", "--porcelain", "--untracked-files=all"]
        left = subprocess.run(changed, cwd=clone, capture_output=True, text=True, check=True).stdout
        assert not left, f"Looking around has changed the clone:\n{left}"


def obtain(clone: Path) -> None:
    """Clone the project, or copy it where git cannot: it has come without its history."""
    done = subprocess.run(["git", "clone", "--quiet", REPOSITORY, clone], check=False)
    if done.returncode:
        shutil.copytree(REPOSITORY, clone, ignore=shutil.ignore_patterns(".venv", ".*_cache"))


@contextmanager
def app(clone: Path, environment: dict[str, str], log: Path) -> Iterator[str]:
    """Run `make app` until the visitor has left, and yield the address that it prints."""
    with socket.create_server(("", 0)) as free:
        port = free.getsockname()[1]
    started = time.monotonic()
    with log.open("w") as output:
        process = subprocess.Popen(
            ["make", "app", f"PORT={port}"],
            cwd=clone,
            env={**environment, **LAPTOP},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # make, streamlit and what they start end together
        )
    try:
        address = f"http://localhost:{port}"
        while not answers(address):
            assert process.poll() is None, f"make app has ended:\n{log.read_text()}"
            waited = time.monotonic() - started
            assert waited < MINUTES_TO_INSTALL * 60, f"no answer yet:\n{log.read_text()}"
            time.sleep(0.1)
        assert address in log.read_text(), f"the address is not printed:\n{log.read_text()}"
        seconds = time.monotonic() - started
        print(f"make app: {seconds:.1f} s until it answers", flush=True)  # noqa: T201  for people
        yield address
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait()


def answers(address: str) -> bool:
    """Return whether the app is ready."""
    try:
        urllib.request.urlopen(f"{address}/_stcore/health", timeout=1).close()
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
