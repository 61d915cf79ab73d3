"""What is open: the project, which is a dataset with its runs, and one of these runs."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from imgcls._utils.names import dataset_title, printable
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import RECORD
from imgcls.data.dataset import Dataset, dataset_name
from imgcls.data.layout import dataset_root
from imgcls.errors import DatasetError
from imgcls.paths import (
    DIGITS,
    cache_dir,
    collections_dir,
    data_dir,
    dataset_folders,
    models_dir,
)
from imgcls.runs import store
from imgcls.runs.run import BrokenRun, Run
from pages.cached import opened_datasets
from pages.components.text import message

RUN, DATA = "run", "data"  # names in the address, and keys of the sidebar's widgets


def all_runs() -> list[Run | BrokenRun]:
    """Return the runs there are, newest first, and after them the folders that cannot be read."""
    return store.list_runs(models_dir())


def public() -> bool:
    """Return whether visitors are strangers to each other: ``IMGCLS_PUBLIC`` is "on"."""
    return os.environ.get("IMGCLS_PUBLIC", "off").lower() == "on"


def offered_datasets() -> dict[str, Path]:
    """Return the datasets that can be taken into use, the default one first: name -> folder.

    On a public server those that people put together are not among them.
    """
    folders = dataset_folders().items()
    # One that people put together may lie where the owner allows any folder.
    found = {name: folder for name, folder in folders if not (folder / RECORD).is_file()}
    own = [] if public() else collection_store.list_all(collections_dir())
    for each in own:
        name = each.root.name
        taken = name in found or name == DIGITS
        found[f"{each.root.parent.name}/{name}" if taken else name] = each.root.resolve()
    return found


@dataclass(frozen=True)
class Project:
    """A dataset, and the runs that learned from it.

    Attributes:
        name: of the dataset, see `imgcls.data.dataset.Dataset`.
        location: its folder, or "digits"; None when its photos are not on this machine.
        runs: the newest first.
    """

    name: str
    location: Path | str | None
    runs: tuple[Run, ...]

    @property
    def title(self) -> str:
        """What it is called in the menu and in addresses."""
        return printable(dataset_title(self.name))


def projects(found: Sequence[Run | BrokenRun]) -> dict[str, Project]:
    """Return the projects by their names in addresses.

    First come the datasets that are offered, then those that only runs are left of, then the
    digits.

    Args:
        found: as `all_runs`.
    """
    runs = [run for run in found if isinstance(run, Run)]

    def project(name: str, location: Path | str | None) -> Project:
        return Project(name, location, tuple(run for run in runs if run.dataset == name))

    offered = offered_datasets()
    named = {key: project(dataset_name(folder), folder) for key, folder in offered.items()}
    here = {DIGITS, *(each.name for each in named.values())}
    for name in sorted({run.dataset for run in runs} - here):
        named[name] = project(name, None)
    return named | {DIGITS: project(DIGITS, DIGITS)}


def default_project(found: dict[str, Project]) -> str:
    """Return the one to begin with: where the photos lie by default, else that of the best run."""
    if data_dir().is_dir():
        return next(iter(found))
    runs = [run for each in found.values() for run in each.runs]
    able = [run for run in runs if run.can_predict]
    return project_of(store.best(able or runs), found) if runs else DIGITS


def project_of(run: Run, found: dict[str, Project]) -> str:
    """Return the name in addresses of the project that a run belongs to."""
    return next(key for key, each in found.items() if each.name == run.dataset)


def current_run() -> Run | None:
    """Return the run that is open, finished or not; None when the project has none."""
    chosen = st.session_state.get(RUN)
    return store.find(models_dir(), chosen) if chosen else None


def photos_location() -> Path | str | None:
    """Return where the photos of the open project lie; None when they are not on this machine."""
    chosen = st.session_state.get(DATA, DIGITS)
    return DIGITS if chosen == DIGITS else offered_datasets().get(chosen)


def current_dataset() -> Dataset | None:
    """Return the photos of the open project; None when they are not here, or cannot be opened.

    In the latter case the page says why. The first time it reads every photo and shows how far it
    is.
    """
    location = photos_location()
    if location is None:
        return None
    try:
        return opened(location)
    except DatasetError as error:
        st.error(message(error), icon=":material/error:")
        return None


def opened(location: Path | str) -> Dataset:
    """Return a dataset, opened once for all visitors until something in its folder changes.

    Raises:
        DatasetError: it is no dataset.
    """
    placeholder, shown = st.empty(), time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > 0.5 or done == total:  # noqa: PLR2004
            shown = time.monotonic()
            placeholder.progress(done / total, f"Reading the photos: {done:,} of {total:,}")

    try:
        # Not `st.cache_resource`: within it nothing can show progress.
        return opened_datasets().get(location, progress=show)
    finally:
        placeholder.empty()


def use(key: str, value: str) -> None:
    """Open a run (key RUN) or a project (key DATA) when the page is drawn next."""
    st.session_state[following(key)] = value


def following(key: str) -> str:
    """Return where `use` leaves what is to be opened: a widget that is drawn cannot be changed."""
    return f"next {key}"


def cannot_answer(run: Run | None) -> tuple[str, str]:
    """Say why the current run has no answers for photos, and what to do on which page."""
    train = "pages/train/page.py"
    if run is None:
        return (
            "This project has no run yet to answer with: train one, a minute on the digits.",
            train,
        )
    if run.status == "running":
        return (
            "This run is being trained: choose a finished one in the sidebar, or watch it.",
            train,
        )
    if run.status != "finished":
        said = f"This run is {run.status}: choose a finished one in the sidebar, or resume it."
        return said, "pages/results/page.py"
    if run.no_answers:
        return f"This run has no answers to trust. {run.no_answers}", train
    return (
        "This run is kept as tables alone, without its model: choose another one in the sidebar, "
        "or train one.",
        train,
    )


def training_photo(file: str) -> Path | None:
    """Return where a photo of the open project lies, whose dataset is not opened for this."""
    location = photos_location()
    folder = cache_dir() / DIGITS if location == DIGITS else location
    if folder is None or not Path(folder).is_dir():
        return None
    path = dataset_root(Path(folder)) / file
    return path if path.is_file() else None


def photo_path(dataset: Dataset | None, file: str) -> Path | None:
    """Return where a photo of the dataset is; None when it holds no such file."""
    if dataset is None or not dataset.table["file"].eq(file).any():
        return None
    return dataset.path(file)
