"""Computed features on disk: by content, checked on read, bounded in size."""

import logging
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from imgcls.errors import ImgclsError
from imgcls.paths import cache_dir

MAX_BYTES = 2_000_000_000  # of all stores together; the least recently used one goes first
_IN_ONE_QUERY = 500
logger = logging.getLogger(__name__)


class CacheError(ImgclsError):
    """Features that cannot be kept; the message is for people."""


class FeatureStore:
    """A table from a photo's digest to the bytes computed from it, one SQLite file per program.

    SQLite makes each batch of rows appear whole or not at all, also when the process is killed or
    two processes write. A row whose checksum is wrong counts as missing and a file that is not a
    database is removed: features are never trusted, only computed again.
    """

    def __init__(self, key: str) -> None:
        self.path = stores_dir() / f"{key}.sqlite"

    def read(self, digests: Sequence[str]) -> Iterator[tuple[str, bytes]]:
        """Yield (digest, bytes) for those of `digests` that are stored and undamaged."""
        if not self.path.exists():
            return
        try:
            self.path.touch()
            with self._open() as database:
                for start in range(0, len(digests), _IN_ONE_QUERY):
                    part = digests[start : start + _IN_ONE_QUERY]
                    marks = ",".join("?" * len(part))
                    query = f"SELECT digest, crc, data FROM features WHERE digest IN ({marks})"
                    for digest, crc, data in database.execute(query, part):
                        if zlib.crc32(data) == crc:
                            yield digest, data
        except sqlite3.DatabaseError as error:
            logger.warning("%s is damaged (%s); its features are computed again.", self.path, error)
            remove(self.path)

    def write(self, rows: Iterable[tuple[str, bytes]]) -> None:
        """Store rows, all of them or, when this raises CacheError, none."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as database, database:
                database.executemany(
                    "INSERT OR REPLACE INTO features VALUES (?, ?, ?)",
                    ((digest, zlib.crc32(data), data) for digest, data in rows),
                )
        except (OSError, sqlite3.Error) as error:
            raise CacheError(f"Features cannot be cached in {self.path}: {error}") from error

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=60)) as database:
            # Losing the last rows to a power cut is harmless here, waiting for the disk is not.
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = OFF")
            database.execute(
                "CREATE TABLE IF NOT EXISTS features (digest TEXT PRIMARY KEY, crc INT, data BLOB)"
            )
            yield database


def stores_dir() -> Path:
    """Return the folder that holds the stores."""
    return cache_dir() / "features"


def sizes() -> dict[Path, int]:
    """Return the bytes on disk of each store, the least recently used one first."""
    paths = sorted(stores_dir().glob("*.sqlite"), key=lambda path: path.stat().st_mtime)
    return {path: sum(part.stat().st_size for part in _parts(path)) for path in paths}


def remove(path: Path) -> None:
    """Delete one store with the side files that SQLite keeps."""
    for part in _parts(path):
        part.unlink(missing_ok=True)


def make_room(needed: int, keep: Path) -> None:
    """Delete the least recently used stores, except `keep`, until `needed` more bytes fit."""
    kept = {path: size for path, size in sizes().items() if path != keep}
    while kept and sum(kept.values()) + needed > MAX_BYTES:
        oldest = next(iter(kept))
        remove(oldest)
        del kept[oldest]


def _parts(path: Path) -> list[Path]:
    return [part for part in path.parent.glob(f"{path.name}*") if part.is_file()]
