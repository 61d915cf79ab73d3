"""A lecture hall: many visitors browse, ask and collect at once, while a network is trained.

    python -m tests.reliability.lecture [VISITORS [SECONDS]]

Everybody arrives at once. Then each reads for some seconds, and does something: opens a page, drops
a photo on Predict, or a zip of drawings on Your classes. All use one server, which is observed
until everybody has left. The training is done before without them, for comparison.
"""

import asyncio
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.visitors import COMMAND, VARIABLES, Visitor, visitors
from imgcls.data.bundled import sample_photos
from imgcls.runs.provenance import machine
from tests.support.datasets import drawn_zip
from tests.support.repository import ROOT
from tests.support.server import Served, serving
from tests.support.shipped import furnish

VISITORS, SECONDS, SEED = 50, 300, 1
READING = (5.0, 15.0)  # seconds between two steps of a visitor
# Seconds after the last one has left. For two minutes Streamlit keeps who may come back, and what
# that held goes when the next visitor comes.
LEFT = 125
TRAINING = ("--data", "digits", "--set=image_size=32", "--set=fine_tune_epochs=12")
PHOTO, ZIP = sample_photos()["A flower"], drawn_zip(4)


@dataclass
class Observed:
    """What happened.

    Attributes:
        waited: step -> seconds that each one took.
        errors: what went wrong.
    """

    waited: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)

    async def take(self, name: str, step: Awaitable[None]) -> None:
        """Take a step, and note how long it took or what went wrong."""
        began = time.monotonic()
        try:
            await step
        except (AssertionError, OSError, TimeoutError) as error:
            self.errors.append(f"{name}: {type(error).__name__} {error}")
        else:
            self.waited[name].append(time.monotonic() - began)


async def _visit(visitor: Visitor, until: float, chance: random.Random, seen: Observed) -> None:
    await seen.take("arrive", visitor.arrive())
    pages = [page for page in visitor.pages if page not in ("predict", "classes")]
    while time.monotonic() < until:
        await asyncio.sleep(chance.uniform(*READING))
        kind = chance.choices(("page", "answer", "collect"), (6, 3, 1))[0]
        if kind == "page":
            await seen.take("a page", visitor.open(chance.choice(pages)))
        elif kind == "answer":
            await seen.take("open Predict", visitor.open("predict"))
            await seen.take("an answer", visitor.drop("flower.jpg", PHOTO))
        else:
            await seen.take("open Your classes", visitor.open("classes"))
            await seen.take("a zip of 12 photos", visitor.drop("shapes.zip", ZIP))


async def come_and_go(server: Served, number: int, seconds: float, seen: Observed) -> None:
    chances = [random.Random(SEED * 1000 + each) for each in range(number)]
    async with visitors(server, number) as everybody:
        until = time.monotonic() + seconds
        visits = zip(everybody, chances, strict=True)
        await asyncio.gather(*(_visit(each, until, chance, seen) for each, chance in visits))


@contextmanager
def _training(models: Path, seed: int) -> Iterator["subprocess.Popen[bytes]"]:
    command = [sys.executable, "-m", "imgcls", "train", *TRAINING, f"--set=seed={seed}"]
    environment = {**os.environ, "IMGCLS_MODELS": str(models)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _seconds_to_train(models: Path, seed: int) -> float:
    began = time.monotonic()
    with _training(models, seed) as process:
        process.wait()
    return time.monotonic() - began


def _state(server: psutil.Process) -> str:
    used = server.memory_info().rss / 1e6
    return f"{used:.0f} MB, {server.num_fds()} open files, {server.num_threads()} threads"


async def _lecture(server: Served, models: Path, number: int, seconds: float) -> Observed:
    seen = Observed()
    # The network is trained again and again, with another seed each time, until everybody leaves.
    trained: list[float] = []

    async def train_on() -> None:
        while True:
            seed = 100 + len(trained)
            trained.append(await asyncio.to_thread(_seconds_to_train, models, seed))

    training = asyncio.create_task(train_on())
    await come_and_go(server, number, seconds, seen)
    training.cancel()
    if trained:
        print(f"A training beside them: {np.median(trained):.0f} s, median of {len(trained)}")
    return seen


def main(number: int, seconds: float) -> None:
    """Print what was observed; the exit status says whether an error was among it."""
    on = machine()
    print(f"{number} visitors for {seconds:.0f} s, seed {SEED}; {on.processor}, {on.cores} cores")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        variables = {**VARIABLES, **furnish(place), "IMGCLS_PUBLIC": "on"}
        print(f"A training alone: {_seconds_to_train(place / 'models', 99):.0f} s")
        with serving(COMMAND, ROOT, place / "log", **variables) as server:
            process = psutil.Process(server.pid)
            asyncio.run(come_and_go(server, 1, 0, Observed()))
            print(f"Server after the first visitor: {_state(process)}")
            seen = asyncio.run(_lecture(server, place / "models", number, seconds))
            print(f"Server with everybody there: {_state(process)}")
            time.sleep(LEFT)
            for _ in range(2):
                asyncio.run(come_and_go(server, 1, 0, Observed()))
            print(f"Server {LEFT} s after the last has left: {_state(process)}")
            log = server.log.read_text()
        print(f"Log: {len(log) / 1000:.1f} kB, {log.count('Traceback')} tracebacks")
    print(
        "\n| step | times | median, s | p95, s | longest, s |\n| --- | ---: | ---: | ---: | ---: |"
    )
    for name, waited in seen.waited.items():
        figures = (np.median(waited), np.percentile(waited, 95), max(waited))
        cells = (name, str(len(waited)), *(f"{figure:.2f}" for figure in figures))
        print(f"| {' | '.join(cells)} |")
    print(f"\n{len(seen.errors)} errors")
    for error in sorted(set(seen.errors)):
        print(f"{seen.errors.count(error)} x {error}")
    sys.exit(bool(seen.errors) or "Traceback" in log)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(VISITORS, SECONDS)[len(given) :]])
