"""Photos on their way into a dataset: read, and written beside it until all of them are there."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from imgcls.data.collections.drops import Found, Skipped
from imgcls.data.collections.kept_photo import keep
from imgcls.data.collections.limits import passed
from imgcls.data.images import ImageError

AT_ONCE = 32  # photos in memory while they are read


@dataclass(frozen=True)
class Staged:
    """A photo that can be read.

    Attributes:
        name: of its file, for people.
        class_name: of its class.
        path: where it lies until it is taken in.
    """

    name: str
    class_name: str
    path: Path


def stage(
    found: Iterator[Found | Skipped], folder: Path, most: int
) -> tuple[list[Staged], list[Skipped]]:
    """Write what can be read into a folder of its own.

    Args:
        found: what was dropped.
        folder: an empty one.
        most: photos that are written before this gives up.

    Returns:
        What was written, and what cannot be.

    Raises:
        CollectionError: there are more than `most`.
        DropError: what was dropped cannot be looked at.
        OSError: the folder cannot be written.
    """
    staged: list[Staged] = []
    skipped: list[Skipped] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while part := list(islice(found, AT_ONCE)):
            for result in pool.map(lambda item: _write(item, folder), part):
                if isinstance(result, Skipped):
                    skipped.append(result)
                else:
                    staged.append(result)
            if len(staged) > most:
                raise passed(f"{most:,} photos")
    return staged, skipped


def _write(item: Found | Skipped, folder: Path) -> Staged | Skipped:
    if isinstance(item, Skipped):
        return item
    try:
        # Two classes may be given the same photo.
        of_class = folder / item.class_name
        of_class.mkdir(exist_ok=True)
        return Staged(item.name, item.class_name, keep(item.name, item.content, of_class))
    except ImageError as error:
        return Skipped(item.name, str(error))
