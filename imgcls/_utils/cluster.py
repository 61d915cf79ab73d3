"""Work for many machines, shared out by Ray.

As plain tasks: one whose machine is gone Ray itself begins again on another one, and a machine that
joins later is used too. A pool of actors would have to be mended for both, and Ray Data is made for
data that flows through several steps. What takes long to load, a function keeps with
`functools.cache`: Ray gives the next tasks to the same processes.
"""

import logging
import os
import socket
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, redirect_stdout
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from imgcls.errors import ImgclsError

AHEAD = 4  # tasks for each place to work that are begun before the first one's result is taken
RETRIES = 5  # of a task whose process or machine is gone
SECONDS = 1.0  # after which it is asked again whether to stop
Item = TypeVar("Item")
Result = TypeVar("Result")


class ClusterError(ImgclsError):
    """A cluster that cannot be used; the message is for people."""


@contextmanager
def joined(address: str) -> Iterator[None]:
    """Be part of a Ray cluster while the block lasts; its standard output goes to standard error.

    Args:
        address: HOST:PORT of its head, when this machine belongs to several; empty for the one it
            belongs to, or if there is none, for one of this machine alone until the block ends.

    Raises:
        ModuleNotFoundError: Ray is not installed.
        ClusterError: there is no cluster at this address, or it has other versions.
    """
    if address:
        _require_somebody(address)
    # Nothing is reported to anybody.
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    # What is going to be Ray's default; until then it warns of it.
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    import ray

    # Ray prints there that a machine is gone, at the latest when it is left: no part of an answer.
    with redirect_stdout(sys.stderr):
        try:
            _connect(address)
            yield
        finally:
            ray.shutdown()


def _require_somebody(address: str) -> None:
    """Raise ClusterError when nothing answers there, which Ray takes minutes to say."""
    host, _, port = address.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except OSError as error:
        raise ClusterError(
            f"--ray: nothing answers at {address} ({error}). Name the address that `ray start "
            "--head` has printed, or nothing on a machine of the cluster."
        ) from error


def _connect(address: str) -> None:
    import ray

    try:
        ray.init(address or None, log_to_driver=False, logging_level=logging.ERROR)
    except (OSError, RuntimeError, ValueError, ray.exceptions.RayError) as error:
        raise ClusterError(
            f"--ray: the cluster {address or 'of this machine'} cannot be joined: {error}"
        ) from error


def size() -> tuple[int, int]:
    """Return how many machines the cluster has, and how many CPUs to work on."""
    import ray

    machines = sum(node["Alive"] for node in ray.nodes())
    return machines, int(ray.cluster_resources().get("CPU", 0))


def map_tasks(
    work: Callable[[Item], Result],
    items: Iterable[Item],
    *,
    cpus: int = 1,
    should_stop: Callable[[], bool] = lambda: False,
) -> Iterator[Result]:
    """Yield ``work(item)`` for each item in order, computed on the machines that were `joined`.

    Args:
        work: a function of a module, or a `functools.partial` of one, which can be executed again.
        items: taken a few at a time. They and the results travel, so they had better be small.
        cpus: that one task keeps busy.
        should_stop: asked while there is nothing to yield; True ends this.

    Raises:
        ClusterError: a task's process or machine was gone again and again.
        As `work`.
    """
    import ray

    task = ray.remote(_call).options(num_cpus=cpus, max_retries=RETRIES)
    known, left = ray.put(work), iter(items)
    begun: deque[Any] = deque()
    while True:
        room = AHEAD * max(1, size()[1] // cpus) - len(begun)
        begun.extend(task.remote(known, item) for item in islice(left, max(0, room)))
        if not begun:
            return
        while not ray.wait([begun[0]], timeout=SECONDS)[0]:
            if should_stop():
                return
        yield _result(begun.popleft())


def require(path: Path) -> None:
    """Raise ClusterError when the machine that this is called on does not find a path."""
    if not os.path.exists(path):  # noqa: PTH110, pathlib's raises for names that are too long
        raise ClusterError(
            f"The machine {socket.gethostname()} does not find {path}. Photos and runs have to lie "
            "on a drive that every machine of the cluster has at the same place."
        )


def _call(work: Callable[[Item], Result], item: Item) -> Result:
    return work(item)


def _result(reference: Any) -> Any:
    import ray

    try:
        return ray.get(reference)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, ImgclsError | OSError):
            raise error.cause from None  # for people, without Ray's account of where it was raised
        raise
    except ray.exceptions.RayError as error:
        raise ClusterError(
            "A process or a machine of the cluster was gone each time that the same task was "
            "tried. What was done before is kept, and the same command goes on. Ray says: "
            f"{error}"
        ) from error
