"""What `make` says and does, with stand-ins for Python and streamlit: nothing is installed."""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT


def make(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Under `make test` these would hand the outer make's settings to the one that is tested.
    environment = {k: v for k, v in os.environ.items() if k not in ("MAKEFLAGS", "MAKELEVEL")}
    return subprocess.run(
        ["make", *arguments],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "requirements.txt", "tests/requirements.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def installed(clone: Path) -> Path:
    """Return a clone whose environment is complete; its pip and streamlit write to `calls`."""
    run = f'case "$1" in -m) echo "$@" >> calls;; *) exec {sys.executable} "$@";; esac'
    script(clone / ".venv/bin/python", run)
    script(clone / ".venv/bin/streamlit", 'echo "streamlit $@" >> calls')
    (clone / ".venv/.installed").touch()
    return clone


def test_without_a_target_it_lists_them(clone: Path) -> None:
    result = make(clone)
    assert [line.split(":")[0] for line in result.stdout.splitlines()] == [
        f"make {target}" for target in ("help", "app", "test", "lint", "bench")
    ]


def test_python_that_is_too_old(clone: Path) -> None:
    old = script(clone / "old", 'test "$1" = --version && echo Python 3.9.2')
    result = make(clone, "app", f"PYTHON={old}")
    assert result.returncode
    assert result.stderr.splitlines()[0] == (
        f"imgcls needs Python 3.11 or newer, but {old} is Python 3.9.2; "
        "name another one: make app PYTHON=python3.12"
    )


def test_python_that_is_missing(clone: Path) -> None:
    result = make(clone, "test", "PYTHON=no-such-python")
    assert result.returncode
    assert "but no-such-python is missing;" in result.stderr.splitlines()[0]


def test_python_without_ensurepip(clone: Path) -> None:
    debian = script(clone / "debian", 'case "$2" in *ensurepip*) exit 1;; esac')
    result = make(clone, "app", f"PYTHON={debian}")
    assert result.returncode
    assert "apt install python3-venv" in result.stderr.splitlines()[0]


def test_environment_that_cannot_be_made(clone: Path) -> None:
    failing = script(clone / "failing", 'test "$1" = -c')
    result = make(clone, "app", f"PYTHON={failing}")
    assert result.returncode
    assert result.stderr.startswith("The folder .venv could not be made")


def test_second_start_installs_nothing(installed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    result = make(installed, "app", f"PORT={port}")
    assert result.returncode == 0, result.stderr
    assert (installed / "calls").read_text() == f"streamlit run app.py --server.port {port}\n"


def test_changed_requirements_are_installed(installed: Path) -> None:
    later = (installed / ".venv/.installed").stat().st_mtime + 1
    os.utime(installed / "requirements.txt", (later, later))
    make(installed, "app", "PORT=0")
    first, *_ = (installed / "calls").read_text().splitlines()
    assert first == "-m pip install --requirement requirements.txt"


def test_failed_installation_is_tried_again(installed: Path) -> None:
    script(installed / ".venv/bin/python", 'echo "ERROR: No space left on device" >&2; exit 1')
    (installed / ".venv/.installed").unlink()
    result = make(installed, "app")
    assert result.returncode
    assert "the same command tries again" in result.stderr.splitlines()[1]
    assert not (installed / ".venv/.installed").exists()


def test_port_that_is_taken(installed: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = make(installed, "app", f"PORT={port}")
    assert result.returncode
    assert result.stderr.splitlines()[0] == (
        f"Port {port} cannot be used, perhaps because the app is already running there; "
        "choose another one: make app PORT=8502"
    )
    assert not (installed / "calls").exists()
