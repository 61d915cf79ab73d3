"""The app killed at random moments, while it trains and somebody looks at it.

    python -m tests.reliability.app_kills [KILLS [SEED]]

A training on the digits is begun as the button on Train does. Then the server is killed (SIGKILL)
and started again, so many times, while a visitor opens one page after the other. A second server
works on the same folder of runs all the while. Expected: every page of both is drawn, nobody can
begin a second training, this one goes on, and in the end its history is that of one which nobody
disturbed.
"""

import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import suppress
from http.client import HTTPException
from itertools import cycle
from pathlib import Path

import pytest
from websockets.exceptions import ConnectionClosed

from benchmarks.visitors import COMMAND, VARIABLES, visitors
from imgcls.config import with_settings
from imgcls.networks.weights import keras_path
from imgcls.paths import DIGITS
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from imgcls.training import jobs
from tests.reliability.drawings import only_run, require_same_history
from tests.support.repository import ROOT
from tests.support.server import Served, serving
from tests.support.weights import make_weights

KILLS, SEED = 20, 1
CONFIG = with_settings(PRESETS["paper"], ["image_size=32", "batch_size=4", "fine_tune_epochs=100"])
LONGEST = 4.0  # seconds from the start of a server to its end


async def _look_around(server: Served, opened: list[str]) -> None:
    """Open one page after the other, and note which were drawn, until the server is gone."""
    async with visitors(server, 1) as (visitor,):
        await visitor.arrive()
        for page in cycle(visitor.pages):
            await visitor.open(page)
            opened.append(page)


async def _open_each(server: Served) -> None:
    """Open each page once."""
    async with visitors(server, 1) as (visitor,):
        await visitor.arrive()
        for page in visitor.pages:
            await visitor.open(page)


def _wait_for_end(models: Path) -> Run:
    while jobs.current(models) is not None:
        time.sleep(0.2)
    return only_run(models)


def main(kills: int, seed: int) -> None:
    """Kill and start so often; an assertion says what went wrong."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        make_weights(place)
        os.environ |= {"KERAS_HOME": str(place / "keras"), "IMGCLS_CACHE": str(place / "cache")}
        keras_path(32).parent.mkdir(parents=True)
        shutil.move(place / "base.h5", keras_path(32))
        models, opened = place / "models", list[str]()
        jobs.start_training(models, DIGITS, "paper", CONFIG)
        variables = {**VARIABLES, "IMGCLS_MODELS": str(models)}
        with serving(COMMAND, ROOT, place / "other", **variables) as other:
            for number in range(kills):
                log = place / f"log-{number}"
                with serving(COMMAND, ROOT, log, **variables) as server:
                    asyncio.run(_kill(server, chance.uniform(0, LONGEST), opened))
                assert "Traceback" not in log.read_text(), log.read_text()
                with pytest.raises(jobs.JobError, match="is under way"):
                    jobs.start_training(models, DIGITS, "paper", CONFIG)
                asyncio.run(_open_each(other))
            assert "Traceback" not in other.log.read_text(), other.log.read_text()
        through = _wait_for_end(models)
        jobs.start_training(place / "alone", DIGITS, "paper", CONFIG)
        alone = _wait_for_end(place / "alone")
        require_same_history(through, alone)
        print(f"{kills} kills of the app, seed {seed}: {len(opened)} pages drawn, no traceback,")
        print(f"the training of {len(alone.history)} epochs ended as one that nobody disturbed")


async def _kill(server: Served, seconds: float, opened: list[str]) -> None:
    """Kill the server after so many seconds, while somebody looks around."""
    looking = asyncio.create_task(_look_around(server, opened))
    await asyncio.sleep(seconds)
    os.kill(server.pid, signal.SIGKILL)
    with suppress(ConnectionClosed, HTTPException, OSError):  # as a browser's are broken off
        await looking


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(KILLS, SEED)[len(given) :]])
