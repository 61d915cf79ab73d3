"""Where data, runs and caches live: each folder has an environment variable and a default."""

import os
from pathlib import Path

import platformdirs

from imgcls._utils.system_files import is_system_file

# Datasets that are known by name: wherever Imagenette lies, and scikit-learn's digits.
IMAGENETTE, DIGITS = "imagenette", "digits"


def data_dir() -> Path:
    """Return the dataset folder: ``IMGCLS_DATA``, else ``data/imagenette``."""
    return _path(os.environ.get("IMGCLS_DATA") or "data/imagenette")


def models_dir() -> Path:
    """Return the folder of runs: ``IMGCLS_MODELS``, else ``models``."""
    return _path(os.environ.get("IMGCLS_MODELS") or "models")


def collections_dir() -> Path:
    """Return the folder of datasets people make here: ``IMGCLS_COLLECTIONS``, else ``data``."""
    return _path(os.environ.get("IMGCLS_COLLECTIONS") or "data")


def cache_dir() -> Path:
    """Return the folder for what can be computed again: ``IMGCLS_CACHE``, else the user's own."""
    return _path(os.environ.get("IMGCLS_CACHE") or platformdirs.user_cache_path("imgcls"))


def _path(written: str | Path) -> Path:
    # A shell replaces ~, but what env files, containers and services say reaches no shell.
    try:
        return Path(written).expanduser()
    except RuntimeError:  # the user after ~ is not known here: a name like any other
        return Path(written)


def allowed_roots() -> tuple[Path, ...]:
    """Return the folders whose subfolders visitors of the app may open as datasets.

    They are those that ``IMGCLS_DATA_ROOTS`` lists, separated as in ``PATH``; by default none.
    """
    listed = os.environ.get("IMGCLS_DATA_ROOTS", "").split(os.pathsep)
    return tuple(_path(root).resolve() for root in listed if root)


def dataset_folders() -> dict[str, Path]:
    """Return the folders that can be opened as datasets, by a short name that is good in a URL.

    The default one comes first, then those below `allowed_roots`. A name that is taken, as that of
    the bundled digits is, gets the name of its parent in front.
    """
    candidates = [data_dir().resolve()]
    for root in allowed_roots():
        if root.is_dir():
            # Not followed: a link could lead out of what the owner allowed.
            folders = (path for path in root.iterdir() if path.is_dir() and not path.is_symlink())
            candidates += sorted(path for path in folders if not is_system_file(path.name))
    found: dict[str, Path] = {}
    for path in dict.fromkeys(candidates):
        if path.is_dir():
            names = (path.name, f"{path.parent.name}/{path.name}", str(path))
            found[next(name for name in names if name not in found and name != DIGITS)] = path
    return found
