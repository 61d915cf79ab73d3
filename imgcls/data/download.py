"""Imagenette from fastai's server into a folder: the whole dataset or nothing, and resumable."""

import gzip
import hashlib
import shutil
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path, PurePosixPath
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from filelock import FileLock, Timeout

from imgcls.errors import ImgclsError

CHUNK = 1 << 16  # bytes between two reports
TIMEOUT = 30  # seconds without a byte
# Photos hardly shrink in an archive; unpacked, they fill whole disk blocks as well.
UNPACKED = 1.1
# Called with the phase ("download", "verify" or "unpack"), the bytes done and, if known, of how
# many. An exception that it raises cancels the download and reaches the caller.
OnProgress = Callable[[str, int, int | None], None]


class DownloadError(ImgclsError):
    """A download that failed; the message is one sentence for people."""


@dataclass(frozen=True)
class Archive:
    """A packed dataset: where it is, and its MD5 checksum (hex)."""

    url: str
    md5: str

    @property
    def name(self) -> str:
        """File name of the archive."""
        return PurePosixPath(urlsplit(self.url).path).name


# Imagenette v2 by the length of a photo's shorter side in pixels; checksums from torchvision's
# `datasets/imagenette.py`.
ARCHIVES = {
    "160": Archive(
        "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-160.tgz",
        "e793b78cc4c9e9a4ccc0c1155377a412",
    ),
    "320": Archive(
        "https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz",
        "3df6f0d01a2c9592104656642f5e78a3",
    ),
}


def download(
    target: Path, archive: Archive = ARCHIVES["160"], on_progress: OnProgress | None = None
) -> Path:
    """Fetch a dataset and return `target`, which then holds `train` and `val`.

    A download that breaks off stays beside the target as `.<archive name>.part` and is resumed by
    the next call. Nothing else is left behind, whatever happens.

    Raises:
        DownloadError: the target holds files already, another download runs beside it, the server
            or the disk fails, or the archive is damaged or unsafe.
    """
    report = on_progress or (lambda phase, done, total: None)
    part = target.parent / f".{archive.name}.part"
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / ".imgcls-download.lock", blocking=False):
            _refuse_files(target)
            _fetch(archive, part, report)
            _verify(archive, part, report)
            _unpack(part, target, report)
            part.unlink()
    except Timeout:
        raise DownloadError(
            f"Another download into {target.parent} is running; wait until it ends."
        ) from None
    except OSError as error:
        raise DownloadError(
            f"{error.filename or target} cannot be written: {error.strerror or error}; free "
            "some space or name another folder, and run the same command again."
        ) from error
    return target


def _refuse_files(target: Path) -> None:
    if target.is_file() or (target.is_dir() and any(target.iterdir())):
        raise DownloadError(
            f"{target} holds files already; use it with `--data {target}`, "
            "or move it away to download again."
        )


def _fetch(archive: Archive, part: Path, report: OnProgress) -> None:
    """Append to the part what it lacks."""
    have = part.stat().st_size if part.exists() else 0
    request = Request(archive.url, headers={"Range": f"bytes={have}-"} if have else {})
    try:
        response = urlopen(request, timeout=TIMEOUT)
    except HTTPError as error:
        error.close()
        # Nothing lies behind what is there already: the part is complete.
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            return
        raise DownloadError(
            f"The server answered {error.code} ({error.reason}) for {archive.url}; try again later."
        ) from error
    except (OSError, HTTPException) as error:
        raise DownloadError(
            f"{archive.url} cannot be reached ({error}); check the connection and run the same "
            "command again."
        ) from error
    with response:
        resumed = response.status == HTTPStatus.PARTIAL_CONTENT
        done = have if resumed else 0
        total = None if response.length is None else done + response.length
        if total is not None:
            _require_space(part.parent, round(total - done + UNPACKED * total))
        with part.open("ab" if resumed else "wb") as file:
            while chunk := _read(response, archive):
                file.write(chunk)
                done += len(chunk)
                report("download", done, total)
    if total is not None and done < total:
        raise _broken_off(archive, f"after {done / 1e6:.1f} of {total / 1e6:.1f} MB")


def _read(response: HTTPResponse, archive: Archive) -> bytes:
    try:
        return response.read(CHUNK)
    except (OSError, HTTPException) as error:
        raise _broken_off(archive, f"({error})") from error


def _broken_off(archive: Archive, where: str) -> DownloadError:
    return DownloadError(
        f"The download of {archive.url} broke off {where}; run the same command again to resume."
    )


def _require_space(folder: Path, needed: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise DownloadError(
            f"{folder} has {free / 1e6:,.0f} MB free, {needed / 1e6:,.0f} MB are needed; "
            "free some space or name another folder."
        )


def _verify(archive: Archive, part: Path, report: OnProgress) -> None:
    size = part.stat().st_size
    report("verify", 0, size)
    with part.open("rb") as file:
        # MD5, the only sum that is public, tells damage but not forgery.
        md5 = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
    if md5 != archive.md5:
        part.unlink()
        raise DownloadError(
            f"The download of {archive.url} is damaged (MD5 {md5}, expected {archive.md5}) and "
            "was removed; run the same command again to start afresh."
        )
    report("verify", size, size)


def _unpack(part: Path, target: Path, report: OnProgress) -> None:
    """Unpack beside the target, then move the dataset there in one step."""
    scratch = target.parent / f".{target.name}.unpacking"
    # Left over when an earlier download was killed.
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        scratch.mkdir()
        size = part.stat().st_size
        for done in _extract(part, scratch):
            report("unpack", done, size)
        for folder in scratch.iterdir():
            if (folder / "train").is_dir() and (folder / "val").is_dir():
                # Windows does not rename onto an empty folder.
                if target.exists():
                    target.rmdir()
                folder.rename(target)
                return
        raise DownloadError(f"The archive {part.name} holds no folder with `train` and `val`.")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _extract(part: Path, folder: Path) -> Iterator[int]:
    """Unpack one member after the other; yield how many bytes of the archive have been read."""
    try:
        with part.open("rb") as packed, tarfile.open(fileobj=packed) as tar:
            for member in tar:
                _extract_member(tar, member, folder)
                yield packed.tell()
    except (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError) as error:
        part.unlink()
        raise DownloadError(
            f"The archive {part.name} cannot be unpacked and was removed: {error}."
        ) from error


def _extract_member(tar: tarfile.TarFile, member: tarfile.TarInfo, folder: Path) -> None:
    # tarfile's own filter for this came with Python 3.11.4; Debian 12 has 3.11.2.
    path = (folder / member.name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise tarfile.TarError(f"{member.name} lies outside of it")
    if member.isdir():
        path.mkdir(parents=True, exist_ok=True)
        return
    content = tar.extractfile(member) if member.isfile() else None
    if content is None:
        raise tarfile.TarError(f"{member.name} is neither a file nor a folder")
    path.parent.mkdir(parents=True, exist_ok=True)
    with content, path.open("wb") as file:
        shutil.copyfileobj(content, file)
