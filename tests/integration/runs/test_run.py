"""Run folders as other processes see them, and as they leave them."""

import os
import subprocess
import sys
from pathlib import Path

from imgcls._utils.processes import ProcessId
from imgcls.runs.run import load_run
from tests.support.runs import put


def test_names_are_utf8_wherever_the_record_is_read(tmp_path: Path) -> None:
    put(tmp_path / "a", name="Größe 7 ✓")
    code = (
        "import pathlib, sys; from imgcls.runs.run import load_run; "
        "print(ascii(load_run(pathlib.Path(sys.argv[1])).title))"
    )
    found = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-c", code, str(tmp_path / "a")],
        env={**os.environ, "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert found.stdout.strip() == ascii("Größe 7 ✓")


def test_interrupted_when_the_process_is_dead(tmp_path: Path) -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    run = put(tmp_path / "a", status="running", process=ProcessId.of(process.pid))
    assert load_run(run.path).status == "running"
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert load_run(run.path).status == "interrupted"  # dead, though its parent has not asked yet
    process.communicate()
    assert load_run(run.path).status == "interrupted"
