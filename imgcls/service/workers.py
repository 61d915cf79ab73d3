"""The threads that answer, and the bounded queue before them."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from typing import TypeVar

from imgcls.errors import ImgclsError
from imgcls.inference.predictor import Predictor
from imgcls.runs.run import Run

# Each thread has a copy of the network and decodes one picture at a time.
THREADS = min(os.cpu_count() or 1, 8)
PLACES = 64  # requests at a time
STUCK = 30.0  # seconds; no picture that is accepted takes more than a few

Item = TypeVar("Item")
Result = TypeVar("Result")


class BusyError(ImgclsError):
    """There is no room for one more request; the message is for people."""


class Workers:
    """Answers by one run, in threads of which each has its own network.

    Args:
        run: that answers.

    Attributes:
        inside: requests that hold a place.

    Raises:
        RunError: the run cannot predict.
    """

    def __init__(self, run: Run) -> None:
        self._predictors: SimpleQueue[Predictor] = SimpleQueue()
        for _ in range(THREADS):
            self._predictors.put(Predictor(run, threads=1))
        self._pool = ThreadPoolExecutor(THREADS, thread_name_prefix="answers")
        self._begun: dict[int, float] = {}  # of each thread that is at work
        self.inside = 0

    def require_place(self) -> None:
        """Raise BusyError when all places in the queue are taken."""
        if self.inside >= PLACES:
            raise BusyError(f"{self.inside} requests are waiting already; try again in a second.")

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place in the queue. Raises BusyError when all are taken."""
        self.require_place()
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    async def run(self, work: Callable[[Predictor], Result]) -> Result:
        """Return what `work` makes, which runs in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self._pool, self._work, work)

    async def map(
        self, work: Callable[[Predictor, Item], Result], items: Iterable[Item]
    ) -> list[Result]:
        """Return ``work(predictor, item)`` for each item, in order.

        One request has no more items begun than there are threads: others come in between.
        """
        turn = asyncio.Semaphore(THREADS)

        async def one(item: Item) -> Result:
            async with turn:
                return await self.run(lambda predictor: work(predictor, item))

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(item)) for item in items]
        return [task.result() for task in tasks]

    @property
    def stuck(self) -> bool:
        """Whether a thread has been at the same work for longer than any work takes."""
        return any(time.monotonic() - begun > STUCK for begun in tuple(self._begun.values()))

    def _work(self, work: Callable[[Predictor], Result]) -> Result:
        thread = threading.get_ident()
        self._begun[thread] = time.monotonic()
        predictor = self._predictors.get()
        try:
            return work(predictor)
        finally:
            self._predictors.put(predictor)
            del self._begun[thread]
