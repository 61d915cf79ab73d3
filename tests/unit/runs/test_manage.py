import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from imgcls._utils.processes import ProcessId
from imgcls.runs import manage
from imgcls.runs.files import PREDICTIONS
from imgcls.runs.run import Run, RunError, load_run, update
from tests.support import runs


@pytest.fixture
def put(make_run: Callable[..., Run]) -> Callable[..., Run]:
    def place(folder: str, **changes: Any) -> Run:
        run = make_run(folder, **changes)
        run.file(PREDICTIONS).write_bytes(b"a table")
        return run

    return place


def test_a_name_is_given_and_taken_away(put: Callable[..., Run]) -> None:
    run = put("one")
    manage.rename(run, "  the good one ")
    assert load_run(run.path).title == "the good one"
    manage.rename(load_run(run.path), "")
    assert load_run(run.path).title == run.title


@pytest.mark.parametrize("name", ["a\nb", "x" * 81, "two", "of the other", " two ", "former"])
def test_a_name_that_cannot_be_given(put: Callable[..., Run], name: str) -> None:
    run = put("one")
    put("two", name="of the other", former_ids=("former",))
    with pytest.raises(RunError):
        manage.rename(run, name)
    assert load_run(run.path).record.name is None


def test_stars_come_and_go(put: Callable[..., Run]) -> None:
    run = put("one")
    assert not run.starred
    manage.star(run, starred=True)
    assert load_run(run.path).starred
    manage.star(load_run(run.path), starred=False)
    assert not load_run(run.path).starred


def test_deleted_with_all_its_files(put: Callable[..., Run], tmp_path: Path) -> None:
    run, _ = put("one"), put("two")
    manage.delete(run)
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == ["two"]


def test_one_in_training_is_not_deleted(put: Callable[..., Run]) -> None:
    run = put("one", status="running", process=ProcessId.of())
    with pytest.raises(RunError, match="stop it first"):
        manage.delete(run)
    assert load_run(run.path).status == "running"


def test_the_archive_is_the_run_again(put: Callable[..., Run], tmp_path: Path) -> None:
    run = put("one")
    with zipfile.ZipFile(io.BytesIO(manage.archive(run))) as packed:
        packed.extractall(tmp_path / "elsewhere")
    again = load_run(tmp_path / "elsewhere" / "one")
    assert again.record == run.record
    for path in run.path.iterdir():
        assert again.file(path.name).read_bytes() == path.read_bytes()


def test_who_stars_a_run_and_who_trains_it_do_not_undo_each_other(put: Callable[..., Run]) -> None:
    seen = put("one", status="running", process=ProcessId.of(), history=())
    trained = update(seen, history=runs.example().history[:1])
    manage.star(seen, starred=True)  # a page that was drawn before the epoch ended
    update(trained, history=runs.example().history[:2])
    found = load_run(seen.path)
    assert found.starred
    assert len(found.record.history) == 2


def test_a_name_may_be_given_again_to_the_run_that_has_it(put: Callable[..., Run]) -> None:
    run = put("one", name="mine")
    assert manage.free_name(run.path.parent, " mine ", own=run.id) == "mine"
    with pytest.raises(RunError, match="Another run is called mine already"):
        manage.free_name(run.path.parent, "mine")
    assert manage.free_name(run.path.parent, "  ") is None


def test_an_unused_name_has_the_first_free_number(put: Callable[..., Run], tmp_path: Path) -> None:
    assert manage.unused_name(tmp_path, "pets") == "pets"
    put("one", name="pets")
    assert manage.unused_name(tmp_path, "pets") == "pets 2"
    put("two", name="pets 2")
    assert manage.unused_name(tmp_path, "pets") == "pets 3"
    assert len(manage.unused_name(tmp_path, "x" * 200)) <= 80
