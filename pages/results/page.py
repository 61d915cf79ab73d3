"""Results: how good the current run is, and the evidence behind each of its numbers."""

from collections.abc import Callable

import streamlit as st

from imgcls._utils.formatting import day, percent, plural
from imgcls.evaluation.intervals import told
from imgcls.runs.run import Run
from pages.components import addressed, training_status
from pages.components.errors import empty
from pages.components.text import as_text, message
from pages.results import compare, map, origin, phases, test, training
from pages.state import current_dataset, current_run

VIEW = "view"  # key of the tabs, and name in the address
# Those of a finished run; each is drawn only when it is open.
VIEWS: dict[str, Callable[[Run], None]] = {
    "Test": test.show,
    "Training": training.show,
    "Phases": phases.show,
    "Map": map.show,
    "Compare": compare.show,
    "Origin": origin.show,
}
UNFINISHED = ("Training", "Compare", "Origin")


def main() -> None:
    """Show the page."""
    st.title("Results", anchor=False)
    run = current_run()
    if run is None:
        empty("There is no run yet. Train one: on digits it takes a minute.", training_status.TRAIN)
        return
    if run.status == "finished":
        _show_accuracy(run)
    else:
        _show_unfinished(run)
    for missing in run.record.missing:
        st.warning(
            f"This run has no {missing.what}. {message(missing.why)}", icon=":material/warning:"
        )
    names = list(VIEWS) if run.status == "finished" else list(UNFINISHED)
    name, place = addressed.tabs(names, VIEW)
    with place:
        VIEWS[name](run)


def _show_accuracy(run: Run) -> None:
    test = run.test
    with st.container(horizontal=True, vertical_alignment="center", key="accuracy"):
        st.metric("Test accuracy", percent(test.accuracy), width="content")
        st.caption(
            f"of {plural(test.n, 'test photo')}, which played no part in training; "
            f"{told(test.interval)}."
            f"  \n{_about(run)}; test loss {test.loss:.3f}."
        )


def _about(run: Run) -> str:
    began = day(run.record.created)
    return f"**{as_text(run.title)}**, on {as_text(run.dataset_title)}, begun on {began}"


def _show_unfinished(run: Run) -> None:
    st.markdown(f"{_about(run)}.")
    with st.container(border=True):
        epochs_in_all = sum(phase.epochs for phase in run.config.phases)
        st.markdown(
            f"This run is **{run.status}**: {len(run.history)} of {epochs_in_all} epochs are over. "
            "The test and the confusion matrix come when all are."
        )
        if run.record.error:
            st.error(message(run.record.error), icon=":material/error:")
        if run.status == "running":
            st.page_link(training_status.TRAIN, label="Watch it on Train")
        else:
            training_status.offer_resume(run, current_dataset())


main()
