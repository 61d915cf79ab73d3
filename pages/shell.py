"""What stands around every page: the sidebar, and the way a page is run."""

import streamlit as st
from streamlit.navigation.page import Page

from imgcls._utils.formatting import day, percent
from imgcls._utils.names import printable, shortened
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.run import BrokenRun, Run, RunError
from pages.components import addressed
from pages.components.errors import plain_errors
from pages.components.text import as_text, message
from pages.navigation import MARK
from pages.state import (
    DATA,
    RUN,
    Project,
    all_runs,
    default_project,
    following,
    project_of,
    projects,
)

LONGEST = 80  # characters of an address that are repeated: as long as a run's name may be


def show_page(page: Page) -> None:
    """Run a page; whatever goes wrong in it, the visitor reads a sentence."""
    with plain_errors():
        page.run()


def show_sidebar() -> None:
    """Draw the mark, the open project and its run, and runs that are broken."""
    st.logo(str(MARK), size="large")
    with st.sidebar:
        found = projects()
        _follow(found)
        titles = {key: printable(each.title) for key, each in found.items()}
        default = default_project(found)
        wanted = st.query_params.get(DATA) or default
        if DATA not in st.session_state and wanted not in found:
            _warn_of_unknown("Project", wanted)
        chosen = addressed.selectbox("Project", titles, DATA, default, on_change=_leave_run)
        _choose_run(found[chosen])
        broken = [run for run in all_runs() if isinstance(run, BrokenRun)]
        if broken:
            with st.expander(f"Broken runs ({len(broken)})", icon=":material/warning:"):
                for run in broken:
                    st.caption(f"**{as_text(run.id)}** is left out. {message(run.reason)}")


def _follow(found: dict[str, Project]) -> None:
    """Open what a page asked for by `pages.state.use`, or what the address of a visit names."""
    project = st.session_state.pop(following(DATA), None)
    if project in found and project != st.session_state.get(DATA):
        _leave_run()
        st.session_state[DATA] = project
    wanted = st.session_state.pop(following(RUN), None)
    arriving = wanted is None and RUN not in st.session_state
    if arriving:
        wanted = st.query_params.get(RUN)
    if not wanted:
        return
    try:
        run = store.find(models_dir(), wanted)
    except RunError:
        _warn_of_unknown("Run", wanted)
        st.query_params.pop(RUN, None)
        return
    owner = project_of(run, found)
    if arriving and st.query_params.get(DATA, owner) != owner:
        st.warning("The address names a run of another project: this shows the run's own.")
    st.session_state[RUN], st.session_state[DATA] = run.id, owner


def _warn_of_unknown(label: str, wanted: str) -> None:
    # Who wrote the address is not known: what stands in it is neither a link nor a picture.
    named = as_text(shortened(wanted, LONGEST))
    st.warning(f"{label}: there is no **{named}** here, so this shows another one.")


def _leave_run() -> None:
    """Forget the run of the project that was open before: the new one has others."""
    st.session_state.pop(RUN, None)
    st.query_params.pop(RUN, None)


def _choose_run(project: Project) -> None:
    if not project.runs:
        _leave_run()
        st.caption("No run yet: train one.")
        return
    able = [run for run in project.runs if run.can_predict]
    default = store.best(able or list(project.runs))
    by_id = {run.id: run for run in project.runs}
    titles = {id: printable(_named(run)) for id, run in by_id.items()}
    chosen = addressed.selectbox("Run", titles, RUN, default.id)
    st.caption(_summary(by_id[chosen]))


def _named(run: Run) -> str:
    star = "★ " if run.starred else ""
    accuracy = f", {percent(run.record.test.accuracy)}" if run.record.test else ""
    return f"{star}{run.title}{accuracy}"


def _summary(run: Run) -> str:
    began = f"{run.config.image_size} px, {day(run.record.created)}"
    test = run.record.test
    if run.status != "finished" or not test:
        return f"{began}, {run.status}"
    return f"{percent(test.accuracy)} of {test.n:,} test photos right; {began}"
