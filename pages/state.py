"""What is in use: the run and the dataset."""

import os
import time
from pathlib import Path

import streamlit as st

from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import RECORD
from imgcls.data.dataset import Dataset
from imgcls.data.layout import dataset_root
from imgcls.errors import DatasetError
from imgcls.paths import DIGITS, cache_dir, collections_dir, dataset_folders, models_dir
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


def current_run() -> Run | None:
    """Return the run in use, finished or not; None when there is none at all."""
    chosen = st.session_state.get(RUN)
    return store.find(models_dir(), chosen) if chosen else None


def current_dataset() -> Dataset | None:
    """Return the dataset in use, opened; None when it cannot be, and the page says why.

    The first time it reads every photo and shows how far it is.
    """
    chosen = st.session_state.get(DATA, DIGITS)
    try:
        return opened(offered_datasets().get(chosen, DIGITS))
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
    """Take a run (key RUN) or a dataset (key DATA) into use when the page is drawn next."""
    st.session_state[f"next {key}"] = value


def cannot_answer(run: Run | None) -> str:
    """Say why the run in use has no answers for photos, and what to do."""
    if run is None:
        return "There is no run yet to answer with: train one, which takes a minute on digits."
    if run.status != "finished":
        return f"The run in use is {run.status}: choose a finished one in the sidebar, or train it."
    if run.no_answers:
        return f"The run in use has no answers to trust. {run.no_answers}"
    return (
        "The run in use is kept as tables alone, without its model: choose another one in the "
        "sidebar, or train one."
    )


def training_photo(file: str) -> Path | None:
    """Return where a photo lies in the dataset in use, which is not opened for this."""
    chosen = st.session_state.get(DATA, DIGITS)
    folder = offered_datasets().get(chosen, cache_dir() / DIGITS)
    if not folder.is_dir():
        return None
    path = dataset_root(folder) / file
    return path if path.is_file() else None


def photo_path(dataset: Dataset | None, file: str) -> Path | None:
    """Return where a photo of the dataset is; None when it holds no such file."""
    if dataset is None or not dataset.table["file"].eq(file).any():
        return None
    return dataset.path(file)
