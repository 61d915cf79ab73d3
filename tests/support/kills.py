"""`predict --out` killed again and again at random moments, and at last left alone.

To be run as a process of its own, which has one thread and can be forked: so a try costs no start.
"""

import os
import random
import signal
import sys
import time
from pathlib import Path

import ai_edge_litert.interpreter  # noqa: F401, loaded once for all tries
import pyarrow.parquet  # noqa: F401

from imgcls.cli.main import main
from imgcls.export import parts

KILLS, ROWS = 20, 20  # times, rows of a part
# How long it is left alone: for so many new parts at most, and so many seconds after the last one.
LONGEST, MORE = 3, 0.06
LOOK = os.WEXITED | os.WNOHANG | os.WNOWAIT  # at a child, without waiting for its end


def start(photos: str, out: Path) -> int:
    """Start the command as a process of its own, and return its number."""
    if child := os.fork():
        return child
    os._exit(main(["predict", photos, "--out", str(out)]))


def run(photos: str, out: Path) -> None:
    """Run the command, and print how many times it was killed and how it ended at last."""
    parts.ROWS = ROWS
    moments = random.Random(17)
    killed = 0
    for _ in range(KILLS):
        child = start(photos, out)
        enough = written(out) + moments.randint(0, LONGEST)
        while written(out) < enough and not os.waitid(os.P_PID, child, LOOK):
            time.sleep(0.002)
        time.sleep(moments.uniform(0, MORE))
        os.kill(child, signal.SIGKILL)
        killed += os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    status = os.waitstatus_to_exitcode(os.waitpid(start(photos, out), 0)[1])
    sys.stdout.write(f"{killed} {status}\n")


def written(out: Path) -> int:
    """Return how many parts there are."""
    return len(list(out.glob(parts.PARTS)))


if __name__ == "__main__":
    run(sys.argv[1], Path(sys.argv[2]))
