"""LiteRT programs with named outputs: run one on a photo, or on many."""

import os
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from imgcls._utils.arrays import FloatArray
from imgcls.networks.signature import KEY, PHOTO, UNNAMED

if TYPE_CHECKING:
    from ai_edge_litert.interpreter import Interpreter


AHEAD = 8  # items for each worker that are begun before the first one's result is taken
Item = TypeVar("Item")
Result = TypeVar("Result")


class Run(Protocol):
    """One worker's way of running a program."""

    def __call__(self, values: npt.NDArray[Any], *names: str) -> list[FloatArray]:
        """See `Program.__call__`."""


class Program:
    """A LiteRT program for one photo, run with XNNPACK. Any number of threads may call it.

    Args:
        content: of the program's file.
        threads: that share a call's arithmetic; all cores when None.

    Attributes:
        content: as given.
        input_name: what it takes, see `imgcls.networks.signature`.
        output_names: what it can be asked for.

    Raises:
        ValueError: `content` is not a LiteRT program, or one whose outputs have no names.
    """

    def __init__(self, content: bytes, threads: int | None = None) -> None:
        self.content = content
        self._lock = threading.Lock()
        self._maps = 0  # that are under way, and share the pool
        self._pool_lock = threading.Lock()
        self._run = _Worker(content, threads=threads or os.cpu_count() or 1)
        self.input_name = self._run.input_name
        self.output_names = list(self._run.outputs)

    def __call__(self, values: npt.NDArray[Any], *names: str) -> list[FloatArray]:
        """Run one photo.

        Args:
            values: the input without its leading axis; of a photo shape (size, size, 3), 0-255.
            names: of outputs, some of `output_names`.

        Returns:
            These outputs in this order, those that depend on the photo with a leading axis of 1.

        Raises:
            KeyError: the program has no output of such a name.
        """
        with self._lock:
            return self._run(values, *names)

    def map(self, work: Callable[[Run, Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """Yield ``work(run, item)`` for each item in order, one worker per core.

        A photo is decoded on one core while another one is computed, which keeps all cores
        busier than spreading each photo over them. Of the items and results a few are in memory,
        whatever their number. Closing the iterator cancels what is left.

        All who map at the same time share these workers: nobody has more than a few items in their
        queue, so others come in between.
        """
        workers, left = os.cpu_count() or 1, iter(items)
        with self._shared_pool(workers) as (pool, local):

            def call(item: Item) -> Result:
                return work(local.run, item)

            begun = deque(pool.submit(call, item) for item in islice(left, AHEAD * workers))
            try:
                while begun:
                    result = begun.popleft().result()
                    begun.extend(pool.submit(call, item) for item in islice(left, 1))
                    yield result
            finally:
                for future in begun:
                    future.cancel()

    @contextmanager
    def _shared_pool(self, workers: int) -> Iterator[tuple[ThreadPoolExecutor, threading.local]]:
        """Yield threads with a loaded program as ``run`` each, which end with who needs them last.

        Between two maps nothing of them takes memory.
        """
        with self._pool_lock:
            if not self._maps:
                local, content = threading.local(), self.content

                # It names no program: a pool that did would keep its own one from being freed.
                def start() -> None:
                    local.run = _Worker(content, threads=1)

                self._pool = ThreadPoolExecutor(workers, initializer=start), local
            self._maps += 1
            shared = self._pool
        try:
            yield shared
        finally:
            with self._pool_lock:
                self._maps -= 1
                last = not self._maps
            if last:
                shared[0].shutdown(cancel_futures=True)


class _Worker:
    """A loaded program with its own memory."""

    def __init__(self, content: bytes, threads: int) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(model_content=content, num_threads=threads)
        self._interpreter.allocate_tensors()
        (photo,) = self._interpreter.get_input_details()
        self._input = photo["index"]
        self.input_name, self.outputs = _names(self._interpreter)

    def __call__(self, values: npt.NDArray[Any], *names: str) -> list[FloatArray]:
        wanted = [self.outputs[name] for name in names]
        self._interpreter.set_tensor(self._input, values[np.newaxis].astype(np.float32))
        self._interpreter.invoke()
        return [self._interpreter.get_tensor(index) for index in wanted]


def _names(interpreter: "Interpreter") -> tuple[str, dict[str, int]]:
    """Return the input's name, and output -> tensor."""
    if KEY in interpreter.get_signature_list():
        signature = interpreter.get_signature_runner(KEY)
        (photo,) = signature.get_input_details()
        details = signature.get_output_details()
        return photo, {name: detail["index"] for name, detail in details.items()}
    outputs = interpreter.get_output_details()
    if len(outputs) != len(UNNAMED):
        raise ValueError("its outputs have no names")
    return PHOTO, {name: detail["index"] for name, detail in zip(UNNAMED, outputs, strict=True)}
