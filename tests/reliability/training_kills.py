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

from imgcls.runs import store
from imgcls.runs.run import Run
from tests.reliability.drawings import only_run, prepare, require_same
from tests.support.repository import ROOT

KILLS, SEED = 20, 1


def _start(words: list[str], models: Path) -> "subprocess.Popen[bytes]":
    cache = str(models.with_name("cache"))
    environment = {**os.environ, "IMGCLS_MODELS": str(models), "IMGCLS_CACHE": cache}
    return subprocess.Popen(
        [sys.executable, "-m", "imgcls", *words],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _trained(words: list[str], models: Path) -> Run:
    assert _start(words, models).wait() == 0
    return only_run(models)


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
        words = prepare(place)
        _trained(words, place / "first")  # fills the cache
        began = time.monotonic()
        whole = _trained(words, place / "whole")
        seconds = time.monotonic() - began
        moments: Counter[str] = Counter()
        for number in range(kills):
            models = place / f"killed-{number}"
            process = _start(words, models)
            time.sleep(chance.uniform(0, seconds))
            process.send_signal(signal.SIGKILL)
            process.wait()
            moments[_found_after_kill(models)] += 1
            require_same(_trained(words, models), whole)
        print(f"{kills} kills within {seconds:.0f} s, seed {seed}: all ended alike, nothing left")
        for moment, times in moments.most_common():
            print(f"{times} x {moment}")


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(KILLS, SEED)[len(given) :]])
