"""What the documents say: every command is executed, here or where it is named; files exist."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from imgcls.data.bundled import sample_photos
from imgcls.presets import PRESETS
from pages.navigation import PAGES
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
    "python -m imgcls sweep --set seed=1,2,3 --set fine_tune_at=54,100,130": (
        "tests/integration/training/test_sweep.py"
    ),
    "python -m imgcls cache fill --data my-photos": "tests/integration/cli/test_cli.py",
    "python -m imgcls data download": "tests/integration/data/test_download.py",
    "python -m imgcls train --data my-photos": "tests/integration/training/test_train.py",
    'python -m imgcls export "my first run" --format html --out model.html': (
        "tests/integration/export/test_bundle.py"
    ),
    # Needs Node and its packages; the test says when it should have been executed.
    "cd imgcls/export/web && npm ci && npm run build": "tests/repository/test_web_bundle.py",
    "python -m imgcls serve": "tests/integration/service/test_server.py",
    'python -m imgcls serve "my first run" --host 0.0.0.0 --port 8000': (
        "tests/integration/service/test_server.py"
    ),
}
CONTAINER = re.compile(r"docker (build|run) ")  # see test_container.py
DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "models" / "README.md"]
    if path.name != "CHANGELOG.md"
)
WITH_COMMANDS = (
    "README.md",
    "CONTRIBUTING.md",
    "docs/command-line.md",
    "docs/deploy.md",
    "docs/service.md",
)


def blocks(document: str, language: str = "") -> list[str]:
    """Return the blocks of a document in one language; commands name none."""
    parts = re.split(r"^```(\w*)\n", (ROOT / document).read_text(), flags=re.MULTILINE)
    # Text, language, block, and again: a block ends with a fence that names no language.
    found = zip(parts[1::4], parts[2::4], strict=True)
    return [block for named, block in found if named == language]


def commands() -> list[str]:
    """Return the lines of all blocks of commands, each once, without their comments."""
    lines = "".join(block for document in WITH_COMMANDS for block in blocks(document)).splitlines()
    found = [command for line in lines if (command := re.split(r"  +#", line)[0].strip())]
    return list(dict.fromkeys(found))


HERE = [command for command in commands() if command.startswith("python -m imgcls")]


def test_every_command_is_executed_somewhere() -> None:
    others = [command for command in commands() if command not in HERE or command in ELSEWHERE]
    unknown = [
        command for command in others if command not in ELSEWHERE and not CONTAINER.match(command)
    ]
    assert not unknown
    for command in {*others} & {*ELSEWHERE}:
        assert (ROOT / ELSEWHERE[command]).is_file()
    assert {*ELSEWHERE} <= {*commands()}, "what is no longer in the documents"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text()
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http", "#")):
            continue
        if target.startswith("/"):  # an address of the app
            assert target.strip("/").partition("?")[0] in {page.name for page in PAGES}, target
            continue
        name, _, anchor = target.partition("#")
        linked = document.parent / name
        assert linked.exists(), target
        if anchor:
            assert anchor in headings(linked), target


def headings(document: Path) -> set[str]:
    """Return the anchors that GitHub makes of a document's headings."""
    titles = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def test_every_file_that_the_documents_name_exists() -> None:
    """Above all the list "Where is ...?" of docs/architecture.md."""
    places = re.compile(r"`((?:imgcls|pages|tests|benchmarks|docs)/[\w/.\-]+)`")
    named = {name for document in DOCUMENTS for name in places.findall(document.read_text())}
    assert len(named) > 20
    missing = sorted(name for name in named if not (ROOT / name).exists())
    # A package's place for the app exists only where it is installed.
    assert set(missing) <= {"imgcls/_app"}


def test_the_presets_are_those_there_are() -> None:
    text = (ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
    table = text.partition("## Presets")[2].partition("## ")[0]
    rows = re.findall(r"^\| (`.+`) \|", table, re.MULTILINE)
    assert re.findall(r"`(.+?)`", " ".join(rows)) == list(PRESETS)


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().split()) <= 1_600


def test_the_example_in_python(newcomer: tuple[Path, dict[str, str]]) -> None:
    folder, environment = newcomer
    (example,) = blocks("README.md", "python")
    assert 8 <= sum(bool(line) for line in example.splitlines()) <= 12
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    prediction, accuracy = done.stdout.splitlines()
    assert "%" in prediction
    assert 0 <= float(accuracy) <= 1
    assert len(list((folder / "my-runs").iterdir())) > 0


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


@pytest.mark.slow
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
    assert (folder / "model.zip").is_file()
