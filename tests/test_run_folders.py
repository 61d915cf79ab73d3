import io
import json
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pytest

from imgcls import run_folders, runs
from imgcls.processes import ProcessId
from imgcls.runs import Run, RunError


@pytest.fixture
def put(finished: Run, tmp_path: Path) -> Callable[..., Run]:
    def place(folder: str, **changes: object) -> Run:
        shutil.copytree(finished.path, tmp_path / folder)
        (tmp_path / folder / "run.json").write_text(json.dumps({**finished.record, **changes}))
        return runs.load(tmp_path / folder)

    return place


def test_a_name_is_given_and_taken_away(put: Callable[..., Run]) -> None:
    run = put("one")
    run_folders.rename(run, "  the good one ")
    assert runs.load(run.path).title == "the good one"
    run_folders.rename(runs.load(run.path), "")
    assert runs.load(run.path).title == "one"


@pytest.mark.parametrize("name", ["a\nb", "x" * 81, "two", "of the other"])
def test_a_name_that_cannot_be_given(put: Callable[..., Run], name: str) -> None:
    run = put("one")
    put("two", name="of the other")
    with pytest.raises(RunError):
        run_folders.rename(run, name)
    assert runs.load(run.path).title == "one"


def test_stars_come_and_go(put: Callable[..., Run]) -> None:
    run = put("one")
    assert not run.starred
    run_folders.star(run, starred=True)
    assert runs.load(run.path).starred
    run_folders.star(runs.load(run.path), starred=False)
    assert not runs.load(run.path).starred


def test_deleted_with_all_its_files(put: Callable[..., Run], tmp_path: Path) -> None:
    run, _ = put("one"), put("two")
    run_folders.delete(run)
    assert [path.name for path in tmp_path.iterdir()] == ["two"]


def test_one_in_training_is_not_deleted(put: Callable[..., Run]) -> None:
    run = put("one", status="running", process=asdict(ProcessId.of()))
    with pytest.raises(RunError, match="stop it first"):
        run_folders.delete(run)
    assert runs.load(run.path).status == "running"


def test_the_archive_is_the_run_again(put: Callable[..., Run], tmp_path: Path) -> None:
    run = put("one")
    with zipfile.ZipFile(io.BytesIO(run_folders.archive(run))) as packed:
        packed.extractall(tmp_path / "elsewhere")
    again = runs.load(tmp_path / "elsewhere" / "one")
    assert again.record == run.record
    for path in run.path.iterdir():
        assert again.file(path.name).read_bytes() == path.read_bytes()
