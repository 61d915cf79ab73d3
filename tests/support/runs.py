"""Runs that no training made: a record with changes, in memory or in a folder."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import pytest

from imgcls.config import TrainConfig
from imgcls.runs.record import SCHEMA, RunRecord, parse
from imgcls.runs.run import Run, write_run
from tests.support.repository import ROOT

RECORDS = ROOT / "tests/support/records"


def example() -> RunRecord:
    """Return the record of a finished run on three kinds of drawings."""
    return parse(content(SCHEMA))


def content(schema: int) -> dict[str, Any]:
    """Return what the run.json of that run said in this version of the format."""
    found: dict[str, Any] = json.loads((RECORDS / f"schema-{schema}.json").read_text())
    return found


def changed(run: Run, **changes: Any) -> Run:
    """Return a run as if its record said something else; nothing is written.

    Args:
        run: the run.
        changes: attributes of its record; also `settings` (of its recipe), `fingerprint` and
            `dataset` (of its photos), and `path`.
    """
    path = changes.pop("path", None)
    # What files in another folder must hold it does not say.
    named = {} if path is None else {"id": path.name, "checksums": {}}
    return Run(path or run.path, _replaced(run.record, {**named, **changes}))


def figures(run: Run) -> npt.NDArray[np.float64]:
    """Return a run's history without how long it took."""
    found: npt.NDArray[np.float64] = run.history.drop(columns="seconds").to_numpy(float)
    return found


def put(path: Path, record: RunRecord | None = None, **changes: Any) -> Run:
    """Write a record with `changes` (as those of `changed`) into a folder, and nothing else.

    Its id is the folder's name, unless `changes` holds another one.
    """
    run = Run(path, _replaced(record or example(), {"id": path.name, **changes}))
    path.mkdir(parents=True, exist_ok=True)
    write_run(run)
    return run


def copied(run: Run, path: Path, **changes: Any) -> Run:
    """Copy a run's folder, with `changes` (as those of `changed`) in its record.

    What its files must hold it no longer says, so that they may be changed.
    """
    shutil.copytree(run.path, path)
    return put(path, run.record, **{"checksums": {}, **changes})


@pytest.fixture
def make_run(tmp_path: Path) -> Callable[..., Run]:
    """Return a function of (folder, changes as `changed` takes) that writes into `tmp_path`."""

    def make(folder: str, **changes: Any) -> Run:
        return put(tmp_path / folder, **changes)

    return make


def _replaced(record: RunRecord, changes: dict[str, Any]) -> RunRecord:
    photos = {"fingerprint": "fingerprint", "dataset": "name"}
    data = {photos[key]: changes.pop(key) for key in photos if key in changes}
    settings = changes.pop("settings", {})
    config = changes.pop("config", record.config)
    known = changes.pop("data", record.data)
    return msgspec.structs.replace(
        record,
        config=TrainConfig(**{**config.to_dict(), **settings}),
        data=msgspec.structs.replace(known, **data),
        **changes,
    )
