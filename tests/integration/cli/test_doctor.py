"""`doctor` says what is in place, and of each thing that is not, what to do."""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imgcls._utils import open_files
from imgcls.cli.main import main
from imgcls.runs.run import Run
from tests.support.repository import ROOT
from tests.support.runs import put

Findings = dict[str, dict[str, Any]]


def asked(capsys: pytest.CaptureFixture[str], status: int) -> Findings:
    assert main(["doctor", "--json"]) == status
    return {finding["what"]: finding for finding in json.loads(capsys.readouterr().out)}


def test_where_all_is_well(trained: Run, capsys: pytest.CaptureFixture[str]) -> None:
    found = asked(capsys, 0)
    assert all(finding["well"] for finding in found.values())
    assert found["dataset"]["found"].startswith("180 photos of 3 classes in ")
    assert found["runs"]["found"].startswith("1 finished of 1 in ")
    assert "inside" not in found["base weights for 160 px"]["found"]
    main(["doctor"])
    said = capsys.readouterr().out.splitlines()
    assert all(line.startswith(("ok  ", "     ")) for line in said)
    assert any(line.startswith("ok  training: tensorflow 2.") for line in said)


def test_an_empty_machine_is_well_and_told_what_to_do(
    empty_machine: None, capsys: pytest.CaptureFixture[str]
) -> None:
    found = asked(capsys, 0)
    assert found["dataset"]["found"] == "none here."
    assert "python -m imgcls data download" in found["dataset"]["do"]
    assert found["base weights for 224 px"]["found"] == "none here."
    assert found["runs"]["do"] == "Train one: python -m imgcls train --data digits"


def test_each_damage_is_told_with_what_to_do(
    trained: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = tmp_path / "runs"
    shutil.copytree(trained.path, models / trained.id)
    (models / trained.id / "head.npz").write_bytes(b"damaged")
    (models / "garbage").mkdir()
    (models / "garbage" / "run.json").write_text("{")
    put(models / "paper-00000001", status="running", process=None)
    put(models / "paper-00000002", checksums={})
    monkeypatch.setenv("IMGCLS_MODELS", str(models))
    monkeypatch.setenv("IMGCLS_DATA", str(models / "garbage"))
    found = asked(capsys, 1)
    wrong = [what for what, finding in found.items() if not finding["well"]]
    assert wrong == ["dataset", f"run {trained.id}", "run garbage"]
    assert "head.npz is damaged" in found[f"run {trained.id}"]["found"]
    assert found["run garbage"]["do"].endswith(f"or delete {models / 'garbage'}.")
    assert found["run paper-00000001"]["do"].startswith("To go on: python -m imgcls train")
    assert found["run paper-00000002"]["do"].endswith("imgcls upgrade paper-00000002")


def test_a_low_limit_of_open_files_is_raised_or_told() -> None:
    program = (
        "import resource, sys; from imgcls._utils import open_files;"
        "resource.setrlimit(resource.RLIMIT_NOFILE, tuple(map(int, sys.argv[1:])));"
        "said = open_files.raise_limit(); print(said);"
        "assert said == resource.getrlimit(resource.RLIMIT_NOFILE)[0]"
    )
    for limits, expected in ((("256", "512"), 512), (("256", "9000"), open_files.ENOUGH)):
        said = subprocess.run(
            [sys.executable, "-c", program, *limits],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(said.stdout) == expected
    told = subprocess.run(
        ["bash", "-c", f"ulimit -n 200; exec {sys.executable} -m imgcls doctor"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert "!!  open files: at most 200 at once." in told.stdout
