"""Imagenette's download as a process of its own, which outlives the page that started it.

`start` runs this module as ``python -m imgcls.data.download_job``; what it writes beside the target
folder is all that the others know of it.
"""

import json
import signal
import sys
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from imgcls._utils import processes
from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId
from imgcls.data.download import ARCHIVES, Archive, download
from imgcls.errors import ImgclsError

SECONDS_TO_START = 20
SECONDS_TO_CANCEL = 2
SECONDS_BETWEEN_REPORTS = 0.2


@dataclass(frozen=True)
class Status:
    """How far the last download is, or how it ended.

    Attributes:
        pid: number of its process.
        started: start of the process in seconds since the epoch.
        phase: "download", "verify" or "unpack".
        done: bytes of the archive.
        total: of how many, if known.
        error: why it failed.
    """

    pid: int
    started: float
    phase: str = "download"
    done: int = 0
    total: int | None = None
    error: str | None = None

    @property
    def running(self) -> bool:
        """Whether its process is alive."""
        return ProcessId(self.pid, self.started).find() is not None


def status(target: Path) -> Status | None:
    """Return how far the download into `target` is; None when there is none or it ended well."""
    try:
        return Status(**json.loads(_file(target).read_text()))
    except (OSError, ValueError, TypeError):
        return None


def start(target: Path, archive: Archive = ARCHIVES["160"]) -> None:
    """Start or resume the download into `target` and return when its process is at work.

    Does nothing when one is under way.

    Raises:
        ImgclsError: the process does not start.
        OSError: the folder cannot be written.
    """
    known = status(target)
    if known and known.running:
        return
    _file(target).unlink(missing_ok=True)
    process = processes.start(
        [sys.executable, "-m", "imgcls.data.download_job", str(target), archive.url, archive.md5]
    )
    until = time.monotonic() + SECONDS_TO_START
    while status(target) is None and process.poll() is None:
        if time.monotonic() > until:
            process.kill()
        time.sleep(0.05)
    if status(target) is None and process.returncode:
        raise ImgclsError("The download did not start; the details are in the log of the server.")


def cancel(target: Path) -> None:
    """Stop the download into `target`, if any. What has arrived is kept for the next one."""
    known = status(target)
    if known is not None:
        ProcessId(known.pid, known.started).end(SECONDS_TO_CANCEL)


def main(target: Path, archive: Archive) -> None:
    """Download, and keep the status file up to date."""
    this = ProcessId.of()
    state = Status(this.pid, this.started)
    written = 0.0

    def report(phase: str, done: int, total: int | None) -> None:
        nonlocal state, written
        turn = phase != state.phase
        state = replace(state, phase=phase, done=done, total=total)
        if turn or time.monotonic() - written > SECONDS_BETWEEN_REPORTS:
            written = time.monotonic()
            write_json(_file(target), asdict(state))

    # An exit, unlike the default, lets `download` clean up.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    write_json(_file(target), asdict(state))
    try:
        download(target, archive, report)
    except ImgclsError as error:
        write_json(_file(target), asdict(replace(state, error=str(error))))
    else:
        _file(target).unlink()


def _file(target: Path) -> Path:
    return target.parent / f".{target.name}.download.json"


if __name__ == "__main__":
    main(Path(sys.argv[1]), Archive(*sys.argv[2:]))
