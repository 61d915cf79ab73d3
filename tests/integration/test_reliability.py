"""The quick ones of tests/reliability; docs/reliability.md has what the long ones showed."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.visitors import COMMAND, VARIABLES
from imgcls.runs.run import Run
from tests.reliability import fuzz
from tests.reliability.lecture import Observed, come_and_go
from tests.support.repository import ROOT
from tests.support.server import serving


def test_damaged_files_are_answered_or_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        fuzz.main(3_000, seed=3)
    assert ended.value.code == 0, capsys.readouterr().out


def test_visitors_come_ask_collect_and_go(trained: Run, tmp_path: Path) -> None:
    seen = Observed()
    own = {"IMGCLS_COLLECTIONS": str(tmp_path / "data"), "IMGCLS_PUBLIC": "on"}
    with serving(COMMAND, ROOT, tmp_path / "log", **VARIABLES, **own) as server:
        # In a thread of its own: tests in a browser leave a loop behind that runs in this one.
        with ThreadPoolExecutor(1) as apart:
            apart.submit(lambda: asyncio.run(come_and_go(server, 4, 3, seen))).result()
        log = server.log.read_text()
    assert seen.errors == []
    assert len(seen.waited["arrive"]) == 4
    assert "Traceback" not in log
