"""Every command of the README is executed: here as it stands there, or where it is named."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imgcls.data.bundled import sample_photos
from tests.support.datasets import draw_shape
from tests.support.repository import ROOT
from tests.support.shipped import SHIPPED

# Those that take minutes, a network or another machine: which test does what they do.
ELSEWHERE = {
    "make app": "tests/repository/first_start.py",
    "make app PORT=8502": "tests/repository/first_start.py",
    "make test": "tests/repository/first_start.py",
    "make lint": ".ci/run",
    "make bench": "tests/integration/test_benchmarks.py",
    "python3 -m venv .venv": "Makefile",
    ".venv/bin/pip install -r requirements.txt": "Makefile",
    ".venv/bin/streamlit run app.py": "Makefile",
    "python -m imgcls data download": "tests/integration/data/test_download.py",
}
CONTAINER = re.compile(r"docker (build|run) ")  # see test_container.py


def commands() -> list[str]:
    """Return the lines of the README's blocks of commands, without their comments."""
    parts = re.split(r"^```(\w*)\n", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
    # Text, language, block, and again: a block ends with a fence that names no language.
    blocks = [
        block for language, block in zip(parts[1::4], parts[2::4], strict=True) if not language
    ]
    lines = "".join(blocks).splitlines()
    return [command for line in lines if (command := line.partition("  #")[0].strip())]


HERE = [command for command in commands() if command.startswith("python -m imgcls")]


def test_every_command_is_executed_somewhere() -> None:
    others = [command for command in commands() if command not in HERE or command in ELSEWHERE]
    unknown = [
        command for command in others if command not in ELSEWHERE and not CONTAINER.match(command)
    ]
    assert not unknown
    for command in {*others} & {*ELSEWHERE}:
        assert (ROOT / ELSEWHERE[command]).is_file()
    assert {*ELSEWHERE} <= {*commands()}, "what is no longer in the README"


@pytest.fixture
def newcomer(tmp_path: Path) -> tuple[Path, dict[str, str]]:
    """Return a folder with what the README's commands name, and an environment without network."""
    (tmp_path / "models").mkdir()
    for run in SHIPPED:
        (tmp_path / "models" / run.id).symlink_to(run.path)
    (tmp_path / "photo.jpg").write_bytes(sample_photos()["A temple"])
    random = np.random.default_rng(3)
    for shape in ("bar", "disc"):
        (tmp_path / "my-photos" / shape).mkdir(parents=True)
        for number in range(25):
            draw_shape(shape, random).save(tmp_path / "my-photos" / shape / f"{number}.png")
    alone = {
        "KERAS_HOME": str(tmp_path / "keras"),
        "IMGCLS_CACHE": str(tmp_path / "cache"),
        "https_proxy": "http://127.0.0.1:9",
        "PYTHONPATH": str(ROOT),
    }
    environment = {key: value for key, value in os.environ.items() if "IMGCLS" not in key}
    return tmp_path, {**environment, **alone}


def test_the_commands_in_the_order_in_which_they_stand(
    newcomer: tuple[Path, dict[str, str]],
) -> None:
    folder, environment = newcomer
    for command in HERE:
        if command in ELSEWHERE:
            continue
        done = subprocess.run(
            [sys.executable, *shlex.split(command)[1:]],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        assert done.stdout, command
    assert (folder / "answers.csv").is_file()
    assert (folder / "model.onnx").is_file()
