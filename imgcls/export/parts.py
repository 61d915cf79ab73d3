"""Answers for any number of photos as a folder of Parquet files, which can be gone on with.

A part is written whole or not at all, and named by what it holds. Whoever begins again reads the
names in the parts there are and answers the others, so neither a kill nor new photos make a
duplicate or a hole.
"""

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import filelock
import msgspec

from imgcls._utils.files import replacing, write_json
from imgcls.errors import ImgclsError
from imgcls.export.predictions import COLUMNS

if TYPE_CHECKING:
    import pyarrow as pa

ROWS = 1_000  # of a part; what a kill loses at most
# Names with such beginnings are none of the table's files for pyarrow, pandas and Spark.
JOB, LOCK = "_job.json", ".begin.lock"
PARTS, UNFINISHED, RUNNING = "part-*.parquet", ".*-part-*.parquet", ".*-of-*.lock"


class PartsError(ImgclsError):
    """A folder in which these answers cannot be written; the message is for people."""


@dataclass(frozen=True)
class Job:
    """What answers in a folder come from.

    Attributes:
        run: id of the run that answers.
        program: SHA-256 of its program.
        photos: what was named on the command line.
        folder: in which these names were given.
    """

    run: str
    program: str
    photos: list[str]
    folder: str


@dataclass(frozen=True)
class Shard:
    """One of `count` shares of the photos, by a hash of their names; `number` begins at 1."""

    number: int = 1
    count: int = 1

    def __str__(self) -> str:
        return f"shard {self.number}/{self.count}" if self.count > 1 else "all"

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """Read a share such as "2/4". Raises ValueError."""
        found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text, re.ASCII)
        number, count = map(int, found.groups()) if found else (0, 0)
        if not 1 <= number <= count:
            raise ValueError(f"received {text!r}; accepted is I/N such as 2/4, I from 1 to N")
        return cls(number, count)


class Parts:
    """The answers in a folder, to which one process for each shard adds. See `opened`.

    Attributes:
        errors: how many answers are errors, of other processes those that were there at first.
    """

    def __init__(self, folder: Path, job: Job, shard: Shard) -> None:
        self._folder, self._job, self._shard = folder, job, shard
        self._answered: set[bytes] = set()
        self.errors = 0
        for names, errors in _written(folder):
            self._answered.update(map(_digest, names))
            self.errors += errors
        self._rows: list[dict[str, Any]] = []

    def wants(self, name: str) -> bool:
        """Return whether a photo belongs to this shard and has no answer yet."""
        digest = _digest(name)
        mine = int.from_bytes(digest, "big") % self._shard.count == self._shard.number - 1
        return mine and digest not in self._answered

    def claim(self, name: str) -> bool:
        """Return as `wants`, and from then on do not want a photo of this name."""
        wanted = self.wants(name)
        if wanted:
            self._answered.add(_digest(name))
        return wanted

    def add(self, answer: dict[str, Any]) -> None:
        """Keep an answer, and write a part when there are enough. Raises OSError.

        Args:
            answer: with some of `imgcls.export.predictions.COLUMNS`.
        """
        told = {name: answer[name] for name in COLUMNS if name in answer}
        self.errors += "error" in told
        self._rows.append(
            {
                name: _text(value) if isinstance(value, str) else value
                for name, value in told.items()
            }
        )
        if len(self._rows) >= ROWS:
            self.write()

    def write(self) -> None:
        """Write the answers that are in no part yet. Raises OSError."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        if not self._rows:
            return
        names = "\n".join([self._job.program, *(row["file"] for row in self._rows)])
        name = f"part-{hashlib.sha256(names.encode()).hexdigest()[:16]}.parquet"
        table = pa.Table.from_pylist(self._rows, schema=_schema(self._job))
        with replacing(self._folder / name) as temporary:
            pq.write_table(table, temporary)
        self._rows.clear()


@contextmanager
def opened(folder: Path, job: Job, shard: Shard) -> Iterator[Parts]:
    """Begin a job in a folder or go on with it; what is answered is written when the block ends.

    Args:
        folder: made when there is none.
        job: what the answers come from.
        shard: the share of the photos that is meant.

    Raises:
        PartsError: the folder holds another job's answers or damaged ones, or another process is
            answering the same photos.
        OSError: the folder cannot be read or written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        with filelock.FileLock(folder / LOCK):
            _require_same(folder, job)
            others = _running(folder)
            clash = [other for other in others if other.count != shard.count or other == shard]
            if clash:
                raise PartsError(
                    f"{folder}: another process is answering {clash[0]} of these photos into it. "
                    "Wait for it or stop it."
                )
            if not others:
                for left in folder.glob(UNFINISHED):
                    left.unlink()
            held.enter_context(filelock.FileLock(folder / _lock(shard)))
            write_json(folder / JOB, asdict(job))
        parts = Parts(folder, job, shard)
        try:
            yield parts
        finally:
            parts.write()


def _require_same(folder: Path, job: Job) -> None:
    """Raise PartsError when the folder holds answers of another job."""
    try:
        known = msgspec.json.decode((folder / JOB).read_bytes(), type=Job)
    except FileNotFoundError:
        if next(folder.glob(PARTS), None):
            raise PartsError(
                f"{folder} holds parts, but no {JOB} that says what they come from: give an empty "
                "folder."
            ) from None
        return
    except ValueError as error:
        raise PartsError(f"{folder / JOB} cannot be read: {error}") from error
    for what, was, received in (
        ("of the run", known.run, job.run),
        ("of the program", known.program[:12], job.program[:12]),
        ("for", " ".join(known.photos), " ".join(job.photos)),
        ("in the folder", known.folder, job.folder),
    ):
        if was != received:
            raise PartsError(
                f"{folder} holds answers {what} {was}, received {received}: give another folder, "
                "or go on with what was begun."
            )


def _running(folder: Path) -> list[Shard]:
    """Return the shards that processes are answering just now."""
    running = []
    for path in folder.glob(RUNNING):
        try:
            with filelock.FileLock(path, timeout=0):
                pass
        except filelock.Timeout:
            number, _, count = path.stem[1:].partition("-of-")
            running.append(Shard(int(number), int(count)))
    return running


def _lock(shard: Shard) -> str:
    return f".{shard.number}-of-{shard.count}.lock"


def _written(folder: Path) -> Iterator[tuple[list[str], int]]:
    """Yield for each part the names of its photos, and how many of its answers are errors."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    for path in folder.glob(PARTS):
        try:
            answers = pq.ParquetFile(path).read(columns=["file", "error"])
        except pa.ArrowInvalid as error:
            raise PartsError(
                f"{path} is damaged: delete it, and its photos are answered again ({error})."
            ) from error
        yield answers["file"].to_pylist(), len(answers) - answers["error"].null_count


def _digest(name: str) -> bytes:
    return hashlib.blake2b(_text(name).encode(), digest_size=16).digest()


def _text(name: str) -> str:
    # Parquet files hold Unicode only; the name of a file may be bytes that are none.
    return os.fsencode(name).decode(errors="backslashreplace")


def _schema(job: Job) -> "pa.Schema":
    import pyarrow as pa

    types = (pa.string(), pa.string(), pa.float64(), pa.bool_(), pa.float64(), pa.string())
    metadata = {"run": job.run, "program": job.program}
    return pa.schema(list(zip(COLUMNS, types, strict=True)), metadata)
