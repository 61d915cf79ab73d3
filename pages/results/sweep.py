"""The sweep that the current run belongs to, as Compare shows it."""

import streamlit as st

from imgcls._utils.formatting import percent, plural
from imgcls.charts.sweeps import accuracies
from imgcls.evaluation import sweeps as figures
from imgcls.evaluation.intervals import tested
from imgcls.paths import models_dir
from imgcls.runs import sweeps
from imgcls.runs.run import Run
from imgcls.runs.sweeps import Sweep
from pages.components.tables import percent_column, readable, table_height
from pages.components.text import as_text

NAMES = {
    "val_mean": "validation, mean",
    "val_sd": "± sd",
    "test_mean": "test, mean",
    "test_sd": "± sd ",  # two columns of one name would be one
    "test_low": "test, lowest",
    "test_high": "test, highest",
}


def show(run: Run) -> None:
    """Show mean and spread over the seeds, when this run is part of a sweep."""
    found = {sweep.id: sweep for sweep in sweeps.of_run(models_dir(), run)}
    if not found:
        return
    st.header("What does the sweep say?", anchor=False)
    id = next(iter(found))
    if len(found) > 1:
        id = st.selectbox("Sweep", list(found))
    sweep = found[id]
    finished = sweeps.finished(models_dir(), sweep)
    several = [f"{name} {', '.join(map(str, values))}" for name, values in sweep.varied.items()]
    verb = "is" if len(finished) == 1 else "are"
    st.markdown(
        f"{len(finished)} of {plural(len(sweep.runs), 'run')} of {as_text(sweep.preset)} {verb} "
        f"finished. Varied: {as_text('; '.join(several) or 'nothing')}."
    )
    if len(finished) == 1:
        st.markdown(
            f"With one run there is no spread yet: {as_text(finished[0].id)} gets "
            f"{tested(finished[0].test)} right."
        )
    elif finished:
        _show_figures(sweep, finished)


def _show_figures(sweep: Sweep, finished: list[Run]) -> None:
    runs = figures.table(finished, sweep.varied)
    rows = figures.over_seeds(runs)
    st.plotly_chart(
        accuracies(runs, rows),
        key="sweep",
        config={"displayModeBar": False},
        alt=f"Test accuracy of {len(runs)} runs, by setting",
    )
    rows[list(NAMES)] *= 100
    st.dataframe(
        readable(rows),
        hide_index=True,
        height=table_height(rows),
        column_config={name: percent_column(title) for name, title in NAMES.items()},
        placeholder="",  # one seed has no spread
        alt="Mean and spread of each setting over its seeds",
    )
    accuracy = runs.set_index("run")["val_accuracy"]
    best, worst = figures.best_and_worst(runs)
    st.markdown(
        f"On the validation photos the best is {as_text(best)} ({percent(accuracy[best])}), "
        f"the worst {as_text(worst)} ({percent(accuracy[worst])})."
    )
    st.caption(
        "Choose a setting by its validation accuracy: the test accuracy of one that was chosen by "
        "the test photos is too high. Sd: the standard deviation over the seeds, how far chance "
        "alone moves the figure."
    )
