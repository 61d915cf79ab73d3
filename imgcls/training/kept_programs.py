"""LiteRT programs that depend on the base weights alone: exported once, and kept."""

import hashlib
import logging
from collections.abc import Callable

from imgcls._utils.files import write_bytes
from imgcls.inference.program import Program
from imgcls.paths import cache_dir

logger = logging.getLogger(__name__)


def key(*identity: object) -> str:
    """Return a short name for what a program is made from."""
    return hashlib.sha256(" ".join(map(str, identity)).encode()).hexdigest()[:16]


def kept(name: str, export: Callable[[], bytes]) -> Program:
    """Return a program from the cache, or exported now and then kept.

    Args:
        name: of what it is made from, see `key`.
        export: makes it.
    """
    path = cache_dir() / "programs" / f"{name}.tflite"
    try:
        return Program(path.read_bytes())
    except (OSError, ValueError):  # not exported yet, or damaged
        content = export()
        try:
            write_bytes(path, content)
        except OSError as error:
            logger.warning("The exported base cannot be kept in %s: %s", path.parent, error)
        return Program(content)
