"""Records of every version there was are still read."""

import copy
from typing import Any

import pytest

from imgcls._utils.files import write_json
from imgcls.runs import manage, store
from imgcls.runs.files import RECORD
from imgcls.runs.migration import migrated
from imgcls.runs.record import SCHEMA, parse
from imgcls.runs.run import load_run
from tests.support import runs

BEFORE = range(1, SCHEMA)


@pytest.mark.parametrize("schema", BEFORE)
def test_a_former_record_says_the_same(schema: int) -> None:
    assert parse(runs.content(schema)) == runs.example()


@pytest.mark.parametrize("schema", BEFORE)
def test_nothing_is_changed_in_place(schema: int) -> None:
    content = runs.content(schema)
    before = copy.deepcopy(content)
    migrated(content)
    assert content == before


def test_the_present_one_is_left_alone() -> None:
    content = runs.content(SCHEMA)
    assert migrated(content) is content


def test_on_disk_nothing_changes_until_the_run_does(tmp_path: Any) -> None:
    folder = tmp_path / "paper-9539e520"
    folder.mkdir()
    write_json(folder / RECORD, runs.content(1))
    before = (folder / RECORD).read_bytes()
    run = load_run(folder)
    assert run.id != folder.name
    assert (folder / RECORD).read_bytes() == before
    for name in (run.id, folder.name, run.id[-8:]):
        assert store.find(tmp_path, name) == run
    manage.star(run, starred=True)
    (again,) = store.readable(tmp_path)
    assert (again.id, again.path, again.starred) == (run.id, folder, True)
    assert store.find(tmp_path, folder.name) == again


@pytest.mark.parametrize(
    "changes",
    [{"config": {"later": 1}}, {"config": 3}, {"data": None}, {"base": "x"}, {"preset": None}],
    ids=str,
)
def test_a_former_record_that_is_damaged_is_a_value_error(changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse(runs.content(1) | changes)
