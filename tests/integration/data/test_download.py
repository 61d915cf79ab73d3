import gzip
import hashlib
import os
import subprocess
import sys
import threading
import time
from http.server import ThreadingHTTPServer
from pathlib import Path

import pytest

from imgcls.data.dataset import open_dataset
from imgcls.data.download import ARCHIVES, Archive, DownloadError, download
from tests.support.download import Handler, Server, drawn, packed
from tests.support.repository import ROOT


def left_behind(target: Path) -> set[str]:
    return {path.name for path in target.parent.iterdir()} - {".imgcls-download.lock"}


def assert_complete(target: Path) -> None:
    found = {
        f"imagenette2-160/{path.relative_to(target).as_posix()}": path.read_bytes()
        for path in target.rglob("*")
        if path.is_file()
    }
    assert found == drawn()
    assert left_behind(target) == {target.name}


def test_the_published_archives() -> None:
    assert ARCHIVES["160"].name == "imagenette2-160.tgz"
    assert ARCHIVES["320"].name == "imagenette2-320.tgz"


def test_a_download_is_a_dataset(server: Server, target: Path, tmp_path: Path) -> None:
    events: list[tuple[str, int, int | None]] = []
    assert download(target, server.archive, lambda *event: events.append(event)) == target
    assert_complete(target)
    assert len(open_dataset(target, cache=tmp_path / "cache").table) == 12

    assert list(dict.fromkeys(phase for phase, _, _ in events)) == ["download", "verify", "unpack"]
    for phase in ("download", "verify", "unpack"):
        done = [now for name, now, _ in events if name == phase]
        assert done == sorted(done)
        assert {total for name, _, total in events if name == phase} == {len(server.body)}
        assert done[-1] == len(server.body)


def test_an_empty_folder_is_filled(server: Server, target: Path) -> None:
    target.mkdir(parents=True)
    download(target, server.archive)
    assert_complete(target)


# --- broken connections ----------------------------------------------------------------------


def test_a_download_cut_off_half_way_is_resumed(server: Server, target: Path) -> None:
    half = len(server.body) // 2
    server.cut_after = half
    with pytest.raises(DownloadError, match=r"broke off .* run the same command again to resume"):
        download(target, server.archive)
    assert left_behind(target) == {".photos.tgz.part"}

    events: list[tuple[str, int, int | None]] = []
    download(target, server.archive, lambda *event: events.append(event))
    assert_complete(target)
    assert server.seen == [(None, half), (f"bytes={half}-", len(server.body) - half)]
    assert events[0][1] > half
    assert events[0][2] == len(server.body)


def test_a_server_without_ranges_sends_everything_again(server: Server, target: Path) -> None:
    server.ranges, server.cut_after = False, 1000
    with pytest.raises(DownloadError, match="resume"):
        download(target, server.archive)
    download(target, server.archive)
    assert_complete(target)
    assert server.seen[1] == ("bytes=1000-", len(server.body))


def test_a_complete_part_is_not_fetched_again(server: Server, target: Path) -> None:
    target.parent.mkdir()
    (target.parent / ".photos.tgz.part").write_bytes(server.body)
    download(target, server.archive)
    assert_complete(target)
    assert server.seen == [(f"bytes={len(server.body)}-", 0)]


def test_an_error_of_the_server_is_told(server: Server, target: Path) -> None:
    server.status = 503
    with pytest.raises(DownloadError, match=r"answered 503 \(Service Unavailable\)"):
        download(target, server.archive)
    assert left_behind(target) == set()


def test_nobody_answers(target: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as closed:
        url = f"http://127.0.0.1:{closed.server_port}/photos.tgz"
    with pytest.raises(DownloadError, match=r"cannot be reached .* check the connection"):
        download(target, Archive(url, ""))


# --- archives that are not what they should be ------------------------------------------------


def test_a_wrong_checksum_removes_the_part(server: Server, target: Path) -> None:
    server.md5 = "0" * 32
    with pytest.raises(DownloadError, match=f"damaged .*expected {'0' * 32}.* start afresh"):
        download(target, server.archive)
    assert left_behind(target) == set()


def test_a_damaged_part_is_found_and_the_next_download_succeeds(
    server: Server, target: Path
) -> None:
    target.parent.mkdir()
    (target.parent / ".photos.tgz.part").write_bytes(b"x" * 1000)
    with pytest.raises(DownloadError, match="damaged"):
        download(target, server.archive)
    download(target, server.archive)
    assert_complete(target)


def with_a_wrong_sum(body: bytes) -> bytes:
    """Return the archive with a wrong CRC, and without the end mark that lets tar ignore it."""
    return gzip.compress(gzip.decompress(body).rstrip(b"\0"))[:-8] + bytes(8)


def with_member(name: str) -> bytes:
    return packed({**drawn(), name: b"harm"})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"not an archive", "cannot be unpacked and was removed"),
        (packed(drawn())[:-5000], "cannot be unpacked and was removed"),
        (with_a_wrong_sum(packed(drawn())), "cannot be unpacked and was removed"),
        (with_member("../escaped.txt"), "outside"),
        (with_member("imagenette2-160/../../../escaped.txt"), "outside"),
        (packed({"imagenette2-160/train/cat/a.png": b"x"}), "no folder with `train` and `val`"),
    ],
    ids=["garbage", "cut", "wrong sum", "../", "hidden ../", "no val"],
)
def test_a_bad_archive_leaves_nothing(
    server: Server, target: Path, tmp_path: Path, body: bytes, message: str
) -> None:
    server.body, server.md5 = body, hashlib.md5(body).hexdigest()
    with pytest.raises(DownloadError, match=message):
        download(target, server.archive)
    assert not target.exists()
    assert left_behind(target) <= {".photos.tgz.part"}
    assert not list(tmp_path.rglob("escaped.txt"))


# --- the disk ---------------------------------------------------------------------------------


def test_files_in_the_target_are_not_touched(server: Server, target: Path) -> None:
    target.mkdir(parents=True)
    (target / "mine.txt").write_text("precious")
    with pytest.raises(DownloadError, match="holds files already; use it with `--data"):
        download(target, server.archive)
    assert (target / "mine.txt").read_text() == "precious"
    assert server.seen == []


def test_a_parent_that_is_a_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "data").write_text("x")
    with pytest.raises(DownloadError, match=r"data cannot be written: .*name another folder"):
        download(tmp_path / "data" / "imagenette", server.archive)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_no_permission_to_write(server: Server, target: Path) -> None:
    target.parent.mkdir(mode=0o555)
    with pytest.raises(DownloadError, match="cannot be written: Permission denied"):
        download(target, server.archive)


def test_a_disk_that_is_too_small_is_noticed_before_anything_is_written(
    server: Server, target: Path
) -> None:
    server.claimed_length = 10**18
    with pytest.raises(DownloadError, match="MB free, 2,100,000,000,000 MB are needed"):
        download(target, server.archive)
    assert left_behind(target) == set()


def run(code: str, target: Path, archive: Archive) -> subprocess.CompletedProcess[str]:
    """Run code in a process of its own, where limits and sudden death hurt no one else."""
    header = (
        "import os, resource, sys\n"
        "from pathlib import Path\n"
        "from imgcls.data.download import Archive, DownloadError, download\n"
        "target, archive = Path(sys.argv[1]), Archive(*sys.argv[2:])\n"
    )
    return subprocess.run(
        [sys.executable, "-c", header + code, str(target), archive.url, archive.md5],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on files")
@pytest.mark.parametrize("large", ["archive", "photo"])
def test_no_space_left(server: Server, target: Path, large: str) -> None:
    # A limit on the size of a file fails like a full disk: while fetching, or while unpacking a
    # member that is larger than the archive.
    members = {**drawn(), "imagenette2-160/train/n01440764/large.bmp": bytes(1_000_000)}
    server.body = packed(members)
    server.md5 = hashlib.md5(server.body).hexdigest()
    limit = len(server.body) + (-1000 if large == "archive" else 1000)
    result = run(
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "try: download(target, archive)\n"
        "except DownloadError as error: print(error)",
        target,
        server.archive,
    )
    assert "cannot be written: File too large; free some space" in result.stdout, result.stderr
    assert left_behind(target) == {".photos.tgz.part"}


# --- cancelling -------------------------------------------------------------------------------


class Cancelled(Exception):
    pass


@pytest.mark.parametrize("error", [Cancelled, KeyboardInterrupt])
@pytest.mark.parametrize("phase", ["download", "verify", "unpack"])
def test_a_cancelled_download_goes_on_later(
    server: Server, target: Path, phase: str, error: type[BaseException]
) -> None:
    def cancel(now: str, done: int, total: int | None) -> None:
        if now == phase:
            raise error

    with pytest.raises(error):
        download(target, server.archive, cancel)
    assert left_behind(target) == {".photos.tgz.part"}
    download(target, server.archive)
    assert_complete(target)
    assert server.seen[-1][0] is not None


@pytest.mark.skipif(sys.platform == "win32", reason="the helper imports `resource`")
def test_a_killed_download_leaves_nothing_that_stays(server: Server, target: Path) -> None:
    result = run(
        "def die(phase, done, total):\n"
        "    if phase == 'unpack' and done == total: os._exit(9)\n"
        "download(target, archive, die)",
        target,
        server.archive,
    )
    assert result.returncode == 9, result.stderr
    assert not target.exists()
    download(target, server.archive)
    assert_complete(target)


def test_a_second_download_is_told_of_the_first(server: Server, target: Path) -> None:
    server.go_on.clear()
    first = threading.Thread(target=download, args=(target, server.archive))
    first.start()
    while not (target.parent / ".photos.tgz.part").exists():
        assert first.is_alive()
        time.sleep(0.01)
    with pytest.raises(DownloadError, match=r"Another download into .* is running"):
        download(target, server.archive)
    server.go_on.set()
    first.join()
    assert_complete(target)
