"""Processes that go on when the one that started them ends."""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

import psutil


@dataclass(frozen=True)
class ProcessId:
    """A process by its number and its start, see `_started`: numbers are used again."""

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int | None = None) -> "ProcessId":
        """Return that of the process with this number, by default of this one."""
        process = psutil.Process(pid)
        return cls(process.pid, _started(process))

    def find(self) -> psutil.Process | None:
        """Return the process, or None when it has ended."""
        try:
            process = psutil.Process(self.pid)
            same = abs(_started(process) - self.started) < 1
            # A process that has ended keeps its number until its parent asks how it ended.
            return process if same and process.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None

    def end(self, seconds: float) -> None:
        """Ask the process to end, and kill it when it has not after so many seconds."""
        process = self.find()
        if process is None:
            return
        try:
            process.terminate()
            process.wait(seconds)
        except psutil.TimeoutExpired:
            process.kill()
            # It is gone a moment later; whoever asks at once would find it still there.
            with suppress(psutil.TimeoutExpired):
                process.wait(seconds)
        except psutil.NoSuchProcess:
            return


def _started(process: psutil.Process) -> float:
    """Return when a process was started, in seconds that setting the clock does not move.

    Linux counts from its start, from which psutil computes a time of day; other systems keep that.
    """
    since = psutil.boot_time() if psutil.LINUX else 0
    return round(float(process.create_time() - since), 2)  # it counts in steps of a hundredth


def start(
    command: list[str],
    *,
    stdin: int = subprocess.DEVNULL,
    log: IO[bytes] | None = None,
    env: dict[str, str] | None = None,
    on_exit: Callable[[int, int], None] = lambda pid, code: None,
) -> "subprocess.Popen[bytes]":
    """Start a command that no signal to this process reaches.

    Args:
        command: what to start.
        stdin: as of `subprocess.Popen`.
        log: where its errors go.
        env: its environment.
        on_exit: called with its number and its exit code (negative: of a signal) when it has ended.
    """
    process = subprocess.Popen(
        command,
        env=env,
        stdin=stdin,
        stdout=subprocess.DEVNULL,
        stderr=log,
        start_new_session=True,
    )
    # Somebody has to ask how it ended: until then its number stays taken.
    threading.Thread(target=lambda: on_exit(process.pid, process.wait()), daemon=True).start()
    return process
