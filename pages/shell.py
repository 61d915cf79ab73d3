"""What stands around every page: the sidebar, and the way a page is run."""

import streamlit as st
from streamlit.navigation.page import Page

from imgcls._utils.formatting import percent
from imgcls._utils.names import printable, shortened
from imgcls.paths import DIGITS, data_dir, models_dir
from imgcls.runs import store
from imgcls.runs.run import BrokenRun, Run, RunError
from pages.components.errors import plain_errors
from pages.components.text import as_text, message
from pages.navigation import MARK
from pages.state import DATA, RUN, all_runs, offered_datasets

LONGEST = 80  # characters of an address that are repeated: as long as a run's name may be


def show_page(page: Page) -> None:
    """Run a page; whatever goes wrong in it, the visitor reads a sentence."""
    with plain_errors():
        page.run()


def show_sidebar() -> None:
    """Draw the mark and what is in use: the run and the dataset, and runs that are broken."""
    st.logo(str(MARK), size="large")
    with st.sidebar:
        _choose_run()
        folders = list(offered_datasets())
        # Not any folder that is offered: digits always work.
        default = 0 if data_dir().is_dir() else len(folders)
        _choose("Dataset in use", DATA, [*folders, DIGITS], default)
        broken = [run for run in all_runs() if isinstance(run, BrokenRun)]
        if broken:
            with st.expander(f"Broken runs ({len(broken)})", icon=":material/warning:"):
                for run in broken:
                    st.caption(f"**{as_text(run.id)}** is left out. {message(run.reason)}")


def _choose_run() -> None:
    readable = [run for run in all_runs() if isinstance(run, Run)]
    if not readable:
        st.session_state.pop(RUN, None)
        st.caption("No run yet: train one.")
        return
    able = any(run.can_predict for run in readable)
    default = store.default(models_dir()) if able else readable[0]
    ids = [run.id for run in readable]
    _follow_former_address(ids)
    chosen = _choose("Run in use", RUN, ids, ids.index(default.id))
    st.caption(_summary(readable[ids.index(chosen)]))


def _follow_former_address(ids: list[str]) -> None:
    """Let an address that names a run otherwise, as by a former id, name it by its id."""
    wanted = st.query_params.get(RUN)
    if wanted is None or wanted in ids:
        return
    try:
        found = store.find(models_dir(), wanted)
    except RunError:  # said where the box is drawn
        return
    st.query_params[RUN] = found.id
    st.rerun()  # what the box takes from the address was settled when this run of the script began


def _summary(run: Run) -> str:
    name = f"**{as_text(run.title)}**, " if run.title != run.id else ""
    what = f"{name}{as_text(run.dataset)} at {run.config.image_size} px"
    test = run.record.test
    if run.status != "finished" or not test:
        return f"{what}, {run.status}"
    return f"{what}, {percent(test.accuracy)} of {test.n:,} test photos correct"


def _choose(label: str, key: str, options: list[str], default: int) -> str:
    """Show a select box whose value is in the address, unless it is the default."""
    # The value of a widget cannot be changed once it is drawn, hence not by `use` itself.
    if (following := st.session_state.pop(f"next {key}", None)) in options:
        st.session_state[key] = following
    wanted = st.query_params.get(key) or options[default]
    if wanted not in map(printable, options):
        # Who wrote the address is not known: what stands in it is neither a link nor a picture.
        named = as_text(shortened(wanted, LONGEST))
        st.warning(f"{label}: there is no **{named}** here, so this shows another one.")
    chosen: str = st.selectbox(
        label, options, default, key=key, bind="query-params", format_func=printable
    )
    return chosen
