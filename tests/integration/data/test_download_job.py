import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from imgcls.data import download_job
from tests.support.download import Server

SECONDS = 30  # for a process to start, on a machine that is busy with other tests


def wait(condition: Callable[[], object]) -> None:
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "that took too long"
        time.sleep(0.02)


def running(target: Path) -> bool:
    known = download_job.status(target)
    return known is not None and known.running


def test_a_download_leaves_the_dataset_and_nothing_else(server: Server, target: Path) -> None:
    assert download_job.status(target) is None
    download_job.start(target, server.archive)
    wait(lambda: target.is_dir() and download_job.status(target) is None)
    assert sorted(path.name for path in target.iterdir()) == ["train", "val"]


def test_cancelled_it_stops_at_once_and_can_go_on(server: Server, target: Path) -> None:
    server.go_on.clear()
    download_job.start(target, server.archive)
    assert running(target)
    download_job.start(target, server.archive)  # a second visitor presses the button too
    began = time.monotonic()
    download_job.cancel(target)
    assert time.monotonic() - began < 3
    assert not running(target)
    assert not target.exists()
    server.go_on.set()
    download_job.start(target, server.archive)
    wait(target.is_dir)


def test_a_failure_is_told(server: Server, target: Path) -> None:
    download_job.start(target, replace(server.archive, md5="0" * 32))
    wait(lambda: not running(target))
    known = download_job.status(target)
    assert known is not None
    assert known.error is not None
    assert "is damaged" in known.error
    assert not target.exists()


def test_cancelling_nothing_does_nothing(target: Path) -> None:
    download_job.cancel(target)
    assert download_job.status(target) is None
