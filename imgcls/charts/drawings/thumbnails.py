"""Small pictures of a dataset's photos, made once and kept, to be shown by the thousand."""

import io
import os
from base64 import b64encode
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pandas as pd
from PIL import Image

from imgcls._utils.files import replacing
from imgcls.data.dataset import Dataset
from imgcls.data.images import read_rgb
from imgcls.paths import cache_dir

SIDE = 64  # pixels: enough to tell what it is
QUALITY = 40  # of WebP: some 700 bytes a photo, 4 MB for all of Imagenette's held-out ones


def kept(fingerprint: str) -> "pd.Series[str] | None":
    """Return what `make` has made for these photos, file -> picture; None when it has not."""
    path = _path(fingerprint)
    try:
        return pd.read_parquet(path).set_index("file")["thumbnail"]
    except (OSError, ValueError, KeyError):  # not made yet, or damaged
        return None


def make(
    dataset: Dataset, files: list[str], on_progress: Callable[[int, int], None]
) -> "pd.Series[str]":
    """Make and keep small pictures of these photos.

    Args:
        dataset: the photos.
        files: as in its table.
        on_progress: called with (photos done, photos in all).

    Returns:
        file -> the centre square as a data URL.

    Raises:
        ImageError: a photo has become unreadable.
        OSError: the cache cannot be written.
    """
    found = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for picture in pool.map(lambda file: thumbnail(dataset.path(file)), files):
            found.append(picture)
            on_progress(len(found), len(files))
    table = pd.DataFrame({"file": files, "thumbnail": found})
    with replacing(_path(dataset.fingerprint)) as temporary:
        table.to_parquet(temporary, index=False)
    return table.set_index("file")["thumbnail"]


def thumbnail(path: Path) -> str:
    """Return the centre square of a photo as a data URL. Raises ImageError."""
    content = io.BytesIO()
    Image.fromarray(read_rgb(path, SIDE)).save(content, "WEBP", quality=QUALITY)
    return "data:image/webp;base64," + b64encode(content.getvalue()).decode()


def _path(fingerprint: str) -> Path:
    return cache_dir() / "thumbnails" / f"{fingerprint[:16]}.parquet"
