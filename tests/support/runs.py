"""Runs that no training made: a record with changes, in memory or in a folder."""

import json
import shutil
from pathlib import Path
from typing import Any

import msgspec

from imgcls.config import TrainConfig
from imgcls.runs.record import RunRecord, parse
from imgcls.runs.run import Run, write_run
from tests.support.repository import ROOT

RECORDS = ROOT / "tests/support/records"


def example() -> RunRecord:
    """Return the record of a finished run on three kinds of drawings."""
    return parse(json.loads((RECORDS / "schema-1.json").read_text()))


def changed(run: Run, **changes: Any) -> Run:
    """Return a run as if its record said something else; nothing is written.

    Args:
        run: the run.
        changes: attributes of its record; also `settings` (of its recipe), `fingerprint` and
            `dataset` (of its photos), and `path`.
    """
    path = changes.pop("path", run.path)
    return Run(path, _replaced(run.record, changes))


def put(path: Path, record: RunRecord | None = None, **changes: Any) -> Run:
    """Write a record with `changes` (as those of `changed`) into a folder, and nothing else."""
    run = Run(path, _replaced(record or example(), changes))
    path.mkdir(parents=True, exist_ok=True)
    write_run(run)
    return run


def copied(run: Run, path: Path, **changes: Any) -> Run:
    """Copy a run's folder, with `changes` (as those of `changed`) in its record."""
    shutil.copytree(run.path, path)
    return put(path, run.record, **changes)


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
