"""Write a file whole or not at all, and tell one content from another."""

import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import psutil

TEMPORARY = re.compile(r"\.(\d+)-\d+-.+", re.DOTALL)  # as `replacing` calls its files


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path` that takes its place when the block ends well.

    It keeps the suffix, from which many writers choose their format. Readers see the old file or
    the new one, never a part. When the block raises, the temporary file is removed.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{os.getpid()}-{threading.get_ident()}-{path.name}")
    try:
        yield temporary
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_leftovers(folder: Path) -> None:
    """Delete what processes that were killed meanwhile had not finished writing. Raises OSError.

    Args:
        folder: in which processes of this machine alone write.
    """
    for path in folder.glob(".*"):
        temporary = TEMPORARY.fullmatch(path.name)
        if temporary and not psutil.pid_exists(int(temporary[1])):
            path.unlink(missing_ok=True)


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path` in one step. Raises OSError."""
    with replacing(path) as temporary:
        temporary.write_bytes(content)


def write_json(path: Path, value: Any) -> None:
    """Write `value` to `path` as indented JSON in one step. Raises OSError."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    # File names may hold bytes that are no text; the backslashes are JSON's own escapes for them.
    write_bytes(path, text.encode(errors="backslashreplace"))


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, hex; again only when the file has changed.

    Raises OSError.
    """
    state = path.stat()
    return _sha256(path, state.st_ino, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=100)
def _sha256(path: Path, inode: int, changed: int, size: int) -> str:  # noqa: ARG001, the key
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
