"""What stands around every page: the sidebar, and the way a page is run."""

from collections.abc import Callable

import streamlit as st
from streamlit.navigation.page import Page

from imgcls._utils.formatting import day, percent, plural
from imgcls._utils.names import printable, shortened
from imgcls.evaluation.comparisons import labels
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.run import BrokenRun, Run, RunError
from pages import projector
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

NOTE = "note on the address"  # said after the page has begun once more
LEFT = "a run was left"
LONGEST = 80  # characters of an address that are repeated: as long as a run's name may be


def show_page(page: Page) -> None:
    """Run a page; whatever goes wrong in it, the visitor reads a sentence."""
    with plain_errors():
        page.run()
    projector.show_way_back()


def show_sidebar() -> None:
    """Draw the mark, the open project and its run, runs that are broken, and the projector."""
    st.logo(str(MARK), size="large")
    with st.sidebar:
        runs = all_runs()
        found = projects(runs)
        _follow(found)
        if note := st.session_state.pop(NOTE, None):
            st.warning(note)
        called = {key: each.title for key, each in found.items()}
        chosen = _choose("Project", called, DATA, default_project(found), on_change=_leave_run)
        _choose_run(found[chosen])
        broken = [run for run in runs if isinstance(run, BrokenRun)]
        if broken:
            with st.expander(f"Broken runs ({len(broken)})", icon=":material/warning:"):
                for run in broken:
                    st.caption(f"**{as_text(run.id)}** is left out. {message(run.reason)}")
        projector.show_switch()


def _follow(found: dict[str, Project]) -> None:
    """Open what a page asked for by `pages.state.use`, or what the address of a visit names."""
    project = st.session_state.pop(following(DATA), None)
    if project in found and project != st.session_state.get(DATA):
        _leave_run()
        st.session_state[DATA] = project
    wanted = st.session_state.pop(following(RUN), None)
    if wanted is not None:
        run = store.find(models_dir(), wanted)
        st.session_state[RUN], st.session_state[DATA] = run.id, project_of(run, found)
    elif DATA not in st.session_state:
        _arrive(found)


def _arrive(found: dict[str, Project]) -> None:
    """Let an address name project and run as the boxes do, however it names them."""
    project, run = st.query_params.get(DATA), st.query_params.get(RUN)
    key = next((key for key, each in found.items() if project in (key, each.title)), None)
    if project and key is None:
        _warn_of_unknown("Project", project)
    of_run = _named_run(run, found, key) if run else None
    if run and of_run is None:
        _warn_of_unknown("Run", run)
    owner = project_of(of_run, found) if of_run else key
    if of_run and key not in (None, owner):
        st.session_state[NOTE] = (
            "The address names a run of another project: this shows the run's own."
        )
    if owner is None:
        return
    asked = {DATA: project or found[default_project(found)].title}
    named = {DATA: found[owner].title}
    if run and of_run:
        asked[RUN], named[RUN] = run, _run_titles(found[owner])[of_run.id]
    if asked != named:
        st.query_params.update(named)
        st.rerun()  # what a box takes from the address was settled when this run began


def _named_run(name: str, found: dict[str, Project], project: str | None) -> Run | None:
    """Return the run that an address means, by any of its names or by its title; None if none."""
    places = [found[project]] if project else []
    for place in [*places, *found.values()]:
        for run, title in zip(place.runs, _run_titles(place).values(), strict=True):
            if title == name:
                return run
    try:
        return store.find(models_dir(), name)
    except RunError:
        return None


def _warn_of_unknown(label: str, wanted: str) -> None:
    # Who wrote the address is not known: what stands in it is neither a link nor a picture.
    named = as_text(shortened(wanted, LONGEST))
    st.warning(f"{label}: there is no **{named}** here, so this shows another one.")


def _leave_run() -> None:
    """Forget the run of the project that was open before: the new one has others."""
    st.session_state.pop(RUN, None)
    st.session_state[LEFT] = True


def _choose_run(project: Project) -> None:
    if not project.runs:
        _leave_run()
        st.caption("No run yet: train one.")
        return
    able = [run for run in project.runs if run.can_predict]
    default = store.best(able or list(project.runs))
    if st.session_state.pop(LEFT, False) and RUN not in st.session_state:
        # Without a word of the server the browser goes on to show the run that was left.
        st.session_state[RUN] = default.id
    chosen = _choose("Run", _run_titles(project), RUN, default.id)
    st.caption(_summary(next(run for run in project.runs if run.id == chosen)))


def _run_titles(project: Project) -> dict[str, str]:
    """Return what a project's runs are called in the menu and in addresses: id -> title."""
    named = zip(project.runs, labels(project.runs), strict=True)
    return {run.id: printable(label) for run, label in named}


def _choose(
    label: str,
    options: dict[str, str],
    key: str,
    default: str,
    on_change: Callable[[], None] | None = None,
) -> str:
    """Show a select box whose choice stands in the address by its title, unless it is the default.

    An address that Streamlit keeps itself needs no second step back in the browser.
    """
    if st.session_state.get(key, default) not in options:  # deleted meanwhile
        del st.session_state[key]
    chosen: str = st.selectbox(
        label,
        list(options),
        list(options).index(default),
        key=key,
        bind="query-params",
        format_func=options.__getitem__,
        on_change=on_change,
    )
    return chosen


def _summary(run: Run) -> str:
    star = "★ " if run.starred else ""
    began = f"{run.config.image_size} px, {day(run.record.created)}"
    test = run.record.test
    if run.status != "finished" or not test:
        return f"{star}{began}, {run.status}"
    return f"{star}{percent(test.accuracy)} of {plural(test.n, 'test photo')} right; {began}"
