"""What is known of each file in a dataset, kept so that only changed ones are read again."""

import hashlib
import logging
import os
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from imgcls._utils.arrays import Progress
from imgcls.data import images
from imgcls.errors import ImageError

# A photo is read again when its size or time of change is another one.
IDENTITY = {"file": "str", "size": "int64", "mtime_ns": "int64"}
PHOTO = {**IDENTITY, "width": "int64", "height": "int64", "format": "str", "digest": "str"}
ACCEPTED = 2  # counts the changes of what is accepted: earlier verdicts no longer hold
UNREADABLE = {"file": "str", "error": "str"}
logger = logging.getLogger(__name__)


def scan(
    root: Path, listing: pd.DataFrame, manifests: Path, progress: Progress | None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the readable photos and the others, decoding only what the manifest does not know.

    Args:
        root: the dataset's folder.
        listing: the files to look at, with the columns IDENTITY.
        manifests: folder of the manifests.
        progress: called with the files read so far and the files to read.

    Returns:
        Tables with the columns PHOTO and UNREADABLE.

    The manifest holds readable photos alone. The others are few, and what was wrong with them may
    have been mended without a trace in the file: a permission, a library that was missing.
    """
    name = hashlib.sha256(os.fsencode(root)).hexdigest()[:16]
    manifest = manifests / f"{name}-{ACCEPTED}.parquet"
    wanted = listing[list(IDENTITY)]
    # Found by their row: to look for thousands of names among as many takes a tenth of the time.
    known = wanted.assign(row=np.arange(len(wanted))).merge(_load(manifest), on=list(IDENTITY))
    fresh = wanted[~np.isin(np.arange(len(wanted)), known.pop("row"))]
    read, damaged = [], []
    for row, result in zip(
        fresh.itertuples(index=False, name=None),
        _examine_all([root / file for file in fresh["file"]], progress),
        strict=True,
    ):
        if isinstance(result, str):
            damaged.append((row[0], result))
        else:
            read.append(row + result)
    photos = pd.concat([known, frame(read, PHOTO)])
    if read:
        _save(photos, manifest)
    return photos, frame(damaged, UNREADABLE)


def _load(manifest: Path) -> pd.DataFrame:
    try:
        # Without checksums a flipped bit would pass for another photo.
        stored = pd.read_parquet(manifest, page_checksum_verification=True)
        return stored[list(PHOTO)].astype(PHOTO)
    except FileNotFoundError:
        return frame([], PHOTO)
    except (OSError, ValueError, TypeError, LookupError, RuntimeError) as error:
        logger.warning("The manifest %s is damaged and made again: %s", manifest, error)
        return frame([], PHOTO)


def _save(photos: pd.DataFrame, manifest: Path) -> None:
    try:
        manifest.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=manifest.parent) as temporary:
            photos.to_parquet(Path(temporary, manifest.name), index=False, write_page_checksum=True)
            Path(temporary, manifest.name).replace(manifest)
    except OSError as error:
        logger.warning("The photos will all be read again next time: %s", error)


def _examine_all(
    paths: list[Path], progress: Progress | None
) -> Iterator[tuple[int, int, str, str] | str]:
    """Examine files with all cores, in order."""
    images.prepare_pillow()
    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        for done, result in enumerate(pool.map(_examine, paths), start=1):
            if progress:
                progress(done, len(paths))
            yield result
    finally:
        pool.shutdown(cancel_futures=True)


def _examine(path: Path) -> tuple[int, int, str, str] | str:
    """Return width, height, format and digest of a photo, or why it is none."""
    try:
        width, height, format = images.examine(path)
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except (ImageError, OSError) as error:
        return str(error).split(";", maxsplit=1)[0].removesuffix(".")
    return width, height, format, digest


def frame(rows: list[Any], columns: dict[str, str]) -> pd.DataFrame:
    """Return a data frame with the names and types of `columns`, also when there are no rows."""
    return pd.DataFrame(rows, columns=list(columns)).astype(columns)
