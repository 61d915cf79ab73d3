"""What all tests share: their own cache, quiet subprocesses, a browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import filelock
import pytest

from tests.support.datasets import TINY, draw_photos
from tests.support.runs import make_run
from tests.support.weights import make_weights

__all__ = ["make_run"]  # a fixture

if TYPE_CHECKING:
    from imgcls.runs.run import Run


Once = Callable[[str, Callable[[Path], None]], Path]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow ones: a process that meets one last keeps the others waiting.

    Each process begins with a part of the list, as long as those of the others: so each part gets
    its share of them.
    """
    slow = [item for item in items if item.get_closest_marker("slow")]
    others = [item for item in items if not item.get_closest_marker("slow")]
    left = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    items.clear()
    while left:
        ours = slow[::left]
        del slow[::left]
        count = (len(slow) + len(others) + len(ours)) // left - len(ours)
        items += ours + others[:count]
        del others[:count]
        left -= 1


@pytest.fixture(scope="session", autouse=True)
def _surroundings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's cache out of the tests, and TensorFlow's log out of subprocesses."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGCLS_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("TF_CPP_MIN_LOG_LEVEL", "3")
        # There are more processes than cores already.
        patch.setenv("TF_NUM_INTRAOP_THREADS", "1")
        patch.setenv("TF_NUM_INTEROP_THREADS", "1")
        patch.setenv("IMGCLS_WARM", "off")  # each visit of Train would load TensorFlow
        yield


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Return a function that makes a folder once for all processes which share out the tests.

    It takes the folder's name, and a function that fills it when no other process has done so.
    """
    base = tmp_path_factory.getbasetemp()
    shared = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "once"

    def made(name: str, make: Callable[[Path], None]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        shared.mkdir(exist_ok=True)
        with filelock.FileLock(shared / f"{name}.lock"):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)  # half of it, by one that has failed
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return made


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Return the installed Chromium. Without one the test is skipped, or fails when CI is set."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    reason = "needs chromium (Debian, Ubuntu: apt install chromium)"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="session")
def base_weights(once: Once) -> Path:
    """Return random weights of MobileNetV2, of a scale that lets signals pass."""
    return once("weights", make_weights) / "base.h5"


@pytest.fixture(scope="session")
def drawn_photos(once: Once) -> Path:
    """Return a dataset of drawings: three shapes, 40 + 20 pictures each, in train and val."""
    return once("drawn", draw_photos) / "shapes"


@pytest.fixture(scope="session")
def finished(base_weights: Path, drawn_photos: Path, once: Once) -> "Run":
    """Return a finished run on the drawings, in a folder of runs of its own. Not to be changed."""
    from imgcls.config import with_settings
    from imgcls.data.dataset import open_dataset
    from imgcls.presets import PRESETS
    from imgcls.runs import store
    from imgcls.training.train import train

    def make(folder: Path) -> None:
        train(
            with_settings(PRESETS["paper"], TINY),
            open_dataset(drawn_photos),
            folder,
            preset="paper",
            weights_file=base_weights,
        )

    (run,) = store.readable(once("models", make))
    return run


@pytest.fixture
def empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a dataset nor a run, and no base weights either."""
    for variable in ("IMGCLS_MODELS", "IMGCLS_DATA", "IMGCLS_COLLECTIONS", "KERAS_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    monkeypatch.delenv("IMGCLS_DATA_ROOTS", raising=False)


@pytest.fixture
def trained(
    empty_machine: None, finished: "Run", drawn_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> "Run":
    """A finished run in the environment, and the drawings that it learned from."""
    monkeypatch.setenv("IMGCLS_MODELS", str(finished.path.parent))
    monkeypatch.setenv("IMGCLS_DATA", str(drawn_photos))
    return finished
