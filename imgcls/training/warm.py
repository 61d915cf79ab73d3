"""A process that has loaded TensorFlow before a training is asked for, and then becomes it.

    python -m imgcls.training.warm

It waits for one line on its standard input, and ends when that is closed: after some minutes in
which nobody wanted it, or because the program that started it is gone.
"""

import json
import os
import runpy
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from queue import Queue

import psutil

from imgcls._utils import processes

SECONDS_UNUSED = 300.0
BYTES_FREE = 2_000_000_000  # of memory: where there is less, it is left to what others do
OnExit = Callable[[int, int], None]


class _Waiting:
    """A process that waits, and the folder of runs it is meant for."""

    def __init__(self, models: Path, on_exit: OnExit) -> None:
        self.models = models
        with Path(os.devnull).open("wb") as nothing:
            command = [sys.executable, "-m", "imgcls.training.warm"]
            self.process = processes.start(
                command, stdin=subprocess.PIPE, log=nothing, on_exit=on_exit
            )
        self._timer = threading.Timer(0, self.dismiss)
        self.keep()

    @property
    def is_there(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def keep(self) -> None:
        """Let it wait some minutes from now on."""
        self._timer.cancel()
        self._timer = threading.Timer(SECONDS_UNUSED, _forget, [self])
        self._timer.daemon = True
        self._timer.start()

    def become(self, asked: bytes) -> bool:
        """Tell it what to do, and return whether it was there to hear it."""
        self._timer.cancel()
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.write(asked + b"\n")
            self.process.stdin.close()
            return self.is_there
        return False

    def dismiss(self) -> None:
        """Let it end."""
        self._timer.cancel()
        assert self.process.stdin is not None
        with suppress(OSError):
            self.process.stdin.close()


_waiting: _Waiting | None = None  # one for the program, as its memory is
_lock = threading.Lock()


def allowed() -> bool:
    """Return whether there may be such a process: not where ``IMGCLS_WARM`` is "off"."""
    return os.environ.get("IMGCLS_WARM", "on").lower() != "off"


def prepare(models: Path, on_exit: OnExit) -> None:
    """See to it that one process waits, some minutes from now on.

    Args:
        models: folder of runs that it may be asked to train in.
        on_exit: as of `imgcls._utils.processes.start`.
    """
    global _waiting  # noqa: PLW0603
    with _lock:
        if _waiting is not None and _waiting.is_there and _waiting.models == models:
            _waiting.keep()
            return
        if _waiting is not None:
            _waiting.dismiss()
            _waiting = None
        if allowed() and psutil.virtual_memory().available >= BYTES_FREE:
            _waiting = _Waiting(models, on_exit)


def take(
    models: Path, arguments: list[str], log: Path, env: dict[str, str]
) -> "subprocess.Popen[bytes] | None":
    """Let the process that waits become ``python -m imgcls``, or return None when none does.

    Args:
        models: as of `prepare`.
        arguments: of the command line.
        log: the file that its errors are added to.
        env: its environment.
    """
    global _waiting
    with _lock:
        waiting, _waiting = _waiting, None
    if waiting is None:
        return None
    asked = json.dumps({"arguments": arguments, "log": str(log), "env": env})
    if waiting.models == models and waiting.become(asked.encode()):
        return waiting.process
    waiting.dismiss()
    return None


def _forget(waiting: _Waiting) -> None:
    """Let one end that nobody has wanted for so long."""
    global _waiting  # noqa: PLW0603
    with _lock:
        if _waiting is waiting:
            _waiting = None
            waiting.dismiss()


def main() -> None:
    """Load what a training needs, and wait for it."""
    asked: Queue[bytes] = Queue()
    threading.Thread(target=_listen, args=[asked.put], daemon=True).start()
    import tensorflow as tf

    import imgcls.training.trainer  # noqa: F401  a training finds it loaded

    tf.constant(0)  # looks for devices
    given = json.loads(asked.get())
    os.environ.clear()
    os.environ.update(given["env"])
    with Path(given["log"]).open("ab") as log:
        os.dup2(log.fileno(), sys.stderr.fileno())
    sys.argv[1:] = given["arguments"]
    # By its name, as a person would start it: this room knows nothing of the command line.
    runpy.run_module("imgcls", run_name="__main__", alter_sys=True)


def _listen(tell: Callable[[bytes], None]) -> None:
    line = sys.stdin.buffer.readline()
    if not line:  # at once, also while much is still being loaded
        os._exit(0)
    tell(line)


if __name__ == "__main__":
    main()
