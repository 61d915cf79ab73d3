"""What the pages share: which pages there are, the run and dataset in use, cached loaders."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import streamlit as st
from streamlit.navigation.page import Page

from imgcls import runs
from imgcls.datasets import Dataset, DatasetError, open_dataset
from imgcls.errors import ImgclsError
from imgcls.paths import DIGITS, cache_dir, data_dir, dataset_folders, models_dir
from imgcls.predict import Predictor
from imgcls.runs import BrokenRun, Run
from imgcls.wording import percent

logger = logging.getLogger(__name__)
MARK = Path(__file__).parent.parent / "docs" / "logo.svg"
_asked_by_router = ContextVar("asked by router", default=False)
RUN, DATA = "run", "data"  # names in the address, and keys of the sidebar's widgets


class Screen(NamedTuple):
    """One page as the menu shows it."""

    name: str
    symbol: str
    help: str

    @property
    def title(self) -> str:
        """Name for people."""
        return self.name.title()

    @property
    def file(self) -> str:
        """The page's script, as Streamlit's links name it."""
        return f"pages/{self.name}.py"

    @property
    def icon(self) -> str:
        """The symbol as Streamlit names it."""
        return f":material/{self.symbol}:"


# The first one is where a visitor arrives. The tests visit them all.
PAGES = (
    Screen("overview", "home", "What this is, and an answer for your photo."),
    Screen(
        "dataset", "photo_library", "The photos: how many of what, and what is wrong with them."
    ),
    Screen("learn", "school", "The network layer by layer, and what the paper says."),
    Screen("train", "model_training", "Choose the recipe, train, and watch it."),
    Screen("results", "monitoring", "Curves, tables and confusion matrix of the run in use."),
    Screen("predict", "image_search", "What is on your photos, and how far to trust the answer."),
)


def pages() -> list[Page]:
    """Return the pages for `st.navigation`, new ones: Streamlit keeps state of a visit in them."""
    return [
        st.Page(
            page.file, title=page.title, icon=page.icon, help=page.help, default=page == PAGES[0]
        )
        for page in PAGES
    ]


def show_page(page: Page) -> None:
    """Run a page; whatever goes wrong in it, the visitor reads a sentence."""
    asked = _asked_by_router.set(True)
    try:
        with plain_errors():
            page.run()
    finally:
        _asked_by_router.reset(asked)


def run(page: Callable[[], None]) -> None:
    """Run a page's function: the last line of each page.

    Until `st.navigation` has been called for the first time, Streamlit takes a folder with the name
    `pages` for its older kind of app, and runs the file that an address names without the router.
    Then this calls it, which ends that, and starts again.
    """
    if not _asked_by_router.get():
        st.navigation(pages())
        st.rerun()
    page()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show errors as sentences, and write the traceback of an unexpected one to the log.

    Fragments need it for themselves: Streamlit runs them again without the page around them.
    """
    try:
        yield
    except (ImgclsError, OSError) as error:
        logger.warning("%s", error)
        st.error(str(error), icon=":material/error:")
    # The one place where everything is caught: what gets here is a bug, and a visitor can do
    # nothing with its traceback. Streamlit's own stop and rerun are no Exceptions.
    except Exception:  # for the reason above
        logger.exception("This page failed")
        st.error(
            "Something went wrong on this page. Reload it; if it happens again, choose another "
            "run or dataset in the sidebar. The details are in the log of the server.",
            icon=":material/error:",
        )


def show_sidebar() -> None:
    """Draw the mark and what is in use: the run and the dataset, and runs that are broken."""
    st.logo(str(MARK), size="large")
    with st.sidebar:
        _choose_run()
        folders = list(dataset_folders())
        # Not any folder that is offered: digits always work.
        default = 0 if data_dir().is_dir() else len(folders)
        _choose("Dataset in use", DATA, [*folders, DIGITS], default)
        broken = [run for run in all_runs() if isinstance(run, BrokenRun)]
        if broken:
            with st.expander(f"Broken runs ({len(broken)})", icon=":material/warning:"):
                for run in broken:
                    st.caption(f"**{run.id}** is left out. {run.reason}")


def all_runs() -> list[Run | BrokenRun]:
    """Return the runs there are, newest first, and after them the folders that cannot be read."""
    return runs.list_runs(models_dir())


def current_run() -> Run | None:
    """Return the run in use, finished or not; None when there is none at all."""
    chosen = st.session_state.get(RUN)
    return runs.load(models_dir() / chosen) if chosen else None


def current_dataset() -> Dataset | None:
    """Return the dataset in use, opened; None when it cannot be, and the page says why.

    The first time it reads every photo and shows how far it is.
    """
    chosen = st.session_state.get(DATA, DIGITS)
    location = dataset_folders().get(chosen, DIGITS)
    state = _state(location)
    opened = _opened()
    # Not `st.cache_resource` for each: within it nothing can show progress, and what a folder
    # held before it changed would stay in memory.
    if chosen not in opened or opened[chosen][0] != state:
        try:
            opened[chosen] = state, _open(location)
        except DatasetError as error:
            st.error(str(error), icon=":material/error:")
            return None
    return opened[chosen][1]


def use(key: str, value: str) -> None:
    """Take a run (key RUN) or a dataset (key DATA) into use when the page is drawn next."""
    st.session_state[f"next {key}"] = value


def cannot_answer(run: Run | None) -> str:
    """Say why the run in use has no answers for photos, and what to do."""
    if run is None:
        return "There is no run yet to answer with: train one, which takes a minute on digits."
    if run.status != "finished":
        return f"The run in use is {run.status}: choose a finished one in the sidebar, or train it."
    return (
        "The run in use is kept as tables alone, without its model: choose another one in the "
        "sidebar, or train one."
    )


def predictor(run: Run) -> Predictor:
    """Return the run's predictor, loaded once. Raises RunError when there is none."""
    program = run.file(runs.PROGRAM)
    return _predictor(run, str(program), program.stat().st_mtime_ns if program.exists() else 0)


def predictions(run: Run) -> pd.DataFrame:
    """Return `Run.predictions`, read once. Do not change it: all visitors share it."""
    path = run.file(runs.PREDICTIONS)
    return _predictions(run, str(path), path.stat().st_mtime_ns if path.exists() else 0)


def training_photo(file: str) -> Path | None:
    """Return where a photo lies in the dataset in use, which is not opened for this."""
    chosen = st.session_state.get(DATA, DIGITS)
    path = dataset_folders().get(chosen, cache_dir() / DIGITS) / file
    return path if path.is_file() else None


def photo_path(dataset: Dataset | None, file: str) -> Path | None:
    """Return where a photo of the dataset is; None when it holds no such file."""
    if dataset is None or not dataset.table["file"].eq(file).any():
        return None
    return dataset.path(file)


def empty(text: str, file: str | None = None) -> None:
    """Say why there is nothing to see and what to do, with a link to the page where to do it."""
    with st.container(border=True):
        st.markdown(text)
        for screen in PAGES:
            if screen.file == file:
                st.page_link(file, label=f"Go to {screen.title}", icon=screen.icon)


def _choose_run() -> None:
    readable = [run for run in all_runs() if isinstance(run, Run)]
    if not readable:
        st.session_state.pop(RUN, None)
        st.caption("No run yet: train one.")
        return
    able = any(run.can_predict for run in readable)
    default = runs.default(models_dir()) if able else readable[0]
    ids = [run.id for run in readable]
    chosen = _choose("Run in use", RUN, ids, ids.index(default.id))
    st.caption(_summary(readable[ids.index(chosen)]))


def _summary(run: Run) -> str:
    name = f"**{run.title}**, " if run.title != run.id else ""
    what = f"{name}{run.dataset} at {run.config.image_size} px"
    test = run.record["test"]
    if run.status != "finished" or not test:
        return f"{what}, {run.status}"
    return f"{what}, {percent(test['accuracy'])} of {test['n']:,} test photos correct"


def _choose(label: str, key: str, options: list[str], default: int) -> str:
    """Show a select box whose value is in the address, unless it is the default."""
    # The value of a widget cannot be changed once it is drawn, hence not by `use` itself.
    if (following := st.session_state.pop(f"next {key}", None)) in options:
        st.session_state[key] = following
    wanted = st.query_params.get(key, options[default])
    if wanted not in options:
        st.warning(f"{label}: there is no **{wanted}** here, so this shows another one.")
    chosen: str = st.selectbox(label, options, default, key=key, bind="query-params")
    return chosen


def _state(location: Path | str) -> tuple[int, ...]:
    """Return times that change when a photo is added to a dataset or removed from it."""
    root = Path(location)
    folders = [root, *root.glob("*/"), *root.glob("*/*/")]
    return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())


@st.cache_resource
def _opened() -> dict[str, tuple[tuple[int, ...], Dataset]]:
    return {}


def _open(location: Path | str) -> Dataset:
    placeholder, shown = st.empty(), time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal shown
        if time.monotonic() - shown > 0.5 or done == total:  # noqa: PLR2004
            shown = time.monotonic()
            placeholder.progress(done / total, f"Reading the photos: {done:,} of {total:,}")

    try:
        return open_dataset(location, progress=show)
    finally:
        placeholder.empty()


# One at a time: each takes some 50 MB, and another run's is loaded within a tenth of a second.
@st.cache_resource(max_entries=1, show_spinner=False)
def _predictor(_run: Run, path: str, changed: int) -> Predictor:  # noqa: ARG001, the key
    return Predictor(_run)


@st.cache_resource(max_entries=2, show_spinner=False)
def _predictions(_run: Run, path: str, changed: int) -> pd.DataFrame:  # noqa: ARG001, the key
    return _run.predictions()
