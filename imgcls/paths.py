"""Where data, runs and caches live: each folder has an environment variable and a default."""

import os
from pathlib import Path

import platformdirs


def data_dir() -> Path:
    """Return the dataset folder: ``IMGCLS_DATA``, else ``data/imagenette``."""
    return Path(os.environ.get("IMGCLS_DATA") or "data/imagenette")


def models_dir() -> Path:
    """Return the folder of runs: ``IMGCLS_MODELS``, else ``models``."""
    return Path(os.environ.get("IMGCLS_MODELS") or "models")


def cache_dir() -> Path:
    """Return the folder for what can be computed again: ``IMGCLS_CACHE``, else the user's own."""
    return Path(os.environ.get("IMGCLS_CACHE") or platformdirs.user_cache_path("imgcls"))
