"""A training killed at random moments, and gone on with by the same command.

    python -m tests.reliability.training_kills [KILLS [SEED]]

Each of these trainings of drawings is killed once (SIGKILL), somewhere between its first import and
its last file, and then done again. Expected of each: the folder of runs is readable at once, the
history in the end is that of a training that nobody killed, and no half-written file is left.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np

from imgcls.runs import checksums, store
from imgcls.runs.run import Run
from tests.conftest import _draw_photos, _make_weights
from tests.support.datasets import TINY
from tests.support.repository import ROOT

KILLS, SEED = 20, 1
CLOSE = 1e-4  # of losses and accuracies: how far two trainings differ of which none was killed


def _command(place: Path) -> list[str]:
    command = [sys.executable, "-m", "imgcls", "train", "--data", str(place / "shapes")]
    return [*command, "--weights", str(place / "base.h5"), *(f"--set={each}" for each in TINY)]


def _start(place: Path, models: Path) -> "subprocess.Popen[bytes]":
    environment = {**os.environ, "IMGCLS_MODELS": str(models), "IMGCLS_CACHE": str(place / "cache")}
    return subprocess.Popen(
        _command(place),
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _trained(place: Path, models: Path) -> Run:
    status = _start(place, models).wait()
    (run,) = store.list_runs(models)
    assert isinstance(run, Run), run.reason
    assert (status, run.status) == (0, "finished")
    return run


def _figures(run: Run) -> "np.typing.NDArray[np.float64]":
    found: np.typing.NDArray[np.float64] = run.history.drop(columns="seconds").to_numpy(float)
    return found


def _found_after_kill(models: Path) -> str:
    """Return what the folder of runs says; nothing in it may be broken."""
    runs = store.list_runs(models)
    assert all(isinstance(run, Run) for run in runs)
    (run,) = runs or (None,)
    if not isinstance(run, Run):
        return "before there was a run"
    if run.status == "finished":
        return "after it was finished"
    return f"in phase {run.record.history[-1].phase}" if run.record.history else "before an epoch"


def main(kills: int, seed: int) -> None:
    """Kill and resume so often; an assertion says what went wrong."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        _make_weights(place)
        _draw_photos(place)
        _trained(place, place / "first")  # fills the cache
        began = time.monotonic()
        whole = _trained(place, place / "whole")
        seconds = time.monotonic() - began
        moments: Counter[str] = Counter()
        for number in range(kills):
            models = place / f"killed-{number}"
            process = _start(place, models)
            time.sleep(chance.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            process.wait()
            moments[_found_after_kill(models)] += 1
            run = _trained(place, models)
            assert run.id == whole.id
            np.testing.assert_allclose(_figures(run), _figures(whole), atol=CLOSE)
            assert not checksums.damaged(run)
            expected = sorted(path.name for path in whole.path.iterdir())
            assert sorted(path.name for path in run.path.iterdir()) == expected
        print(f"{kills} kills within {seconds:.0f} s, seed {seed}: all ended alike, nothing left")
        for moment, times in moments.most_common():
            print(f"{times} x {moment}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(KILLS, SEED)[len(given) :]])
