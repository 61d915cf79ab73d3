"""Runs side by side, and what can be done with each."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from imgcls._utils.formatting import percent, plural
from imgcls._utils.names import printable
from imgcls.charts.training import curves
from imgcls.config import setting_title
from imgcls.errors import ImgclsError
from imgcls.evaluation import comparisons, eight_bits
from imgcls.paths import models_dir
from imgcls.runs import manage, store
from imgcls.runs.run import Run
from imgcls.training import jobs
from pages.components.tables import percent_column, readable, show_in_full
from pages.components.text import as_text, message
from pages.results import ablations, sweep

CHOSEN, ERROR = "compared runs", "error while changing a run"
BESIDE = 2  # runs that are chosen at first, beside the one in use
STAR = "★ "


def show(run: Run) -> None:
    """Show other runs beside the one in use."""
    sweep.show(run)
    st.header("How do other runs compare?", anchor=False)
    every = _titled(store.readable(models_dir()))
    own = next(title for title, other in every.items() if other.id == run.id)
    same = [
        title
        for title, other in every.items()
        if other.dataset == run.dataset and other.can_predict and title != own
    ]
    chosen = st.multiselect(
        "Runs",
        list(every),
        [own, *same[:BESIDE]],
        placeholder="Choose runs",
        format_func=printable,
    )
    if not chosen:
        st.info("Choose some runs above.")
    else:
        _compare([every[title] for title in chosen])
    ablations.show(run)
    _manage(run)


def _titled(found: list[Run]) -> dict[str, Run]:
    """Return the runs by what they are called, starred ones first."""
    ordered = sorted(found, key=lambda run: not run.starred)
    named = zip(comparisons.labels(ordered), ordered, strict=True)
    return {(STAR if run.starred else "") + label: run for label, run in named}


def _compare(chosen: list[Run]) -> None:
    named = zip(comparisons.labels(chosen), chosen, strict=True)
    with_epochs = {label: run.history for label, run in named if len(run.history)}
    if with_epochs:
        for column, metric in zip(st.columns(2), ("accuracy", "loss"), strict=True):
            column.plotly_chart(
                curves(with_epochs, metric),
                key=f"curves {metric}",
                config={"displayModeBar": False},
                alt=printable(f"Validation {metric} per epoch of {', '.join(with_epochs)}"),
            )
        st.caption("Validation photos, epoch by epoch.")
    _show_figures(chosen)
    if len(chosen) > 1:
        _show_differences(chosen)


def _show_differences(chosen: list[Run]) -> None:
    st.subheader("What is different about them?", anchor=False)
    differing = comparisons.differences(chosen)
    if differing.empty:
        st.markdown("Nothing: the same recipe, photos and base weights.")
        return
    show_in_full(differing.rename(index=setting_title), "Settings in which the runs differ")


def _show_figures(chosen: list[Run]) -> None:
    st.subheader("How did they end?", anchor=False)
    table = comparisons.figures(chosen).drop(columns="starred")
    shares = ["val_accuracy", "test_accuracy", "test_low", "test_high"]
    table[shares] *= 100
    number = st.column_config.NumberColumn
    st.dataframe(
        readable(table),
        hide_index=True,
        height="content",
        column_config={
            "val_accuracy": percent_column("validation accuracy"),
            "val_loss": number("validation loss", format="%.3f"),
            "test_accuracy": percent_column("test accuracy"),
            "test_low": percent_column("from"),
            "test_high": percent_column("to"),
            "test_loss": number("test loss", format="%.3f"),
            "test_n": number("test photos", format="localized"),
            "seconds": number("seconds in all", format="%.0f"),
        },
        alt="Final figures of these runs",
    )
    st.caption(
        "From and to: the 95 % interval of the test accuracy. Where the intervals of two runs "
        "overlap widely, the order of the two may be chance."
    )
    _show_bits(chosen)


def _show_bits(chosen: list[Run]) -> None:
    table = eight_bits.table(chosen)
    if table.empty:
        return
    st.subheader("What do 8 bits cost?", anchor=False)
    table[["accuracy", "low", "high"]] *= 100
    number = st.column_config.NumberColumn
    st.dataframe(
        readable(table),
        hide_index=True,
        height="content",
        column_config={
            "accuracy": percent_column("test accuracy"),
            "low": percent_column("from"),
            "high": percent_column("to"),
            "n": number("test photos", format="localized"),
            "megabytes": number("MB", format="%.1f"),
            "milliseconds": number("ms a photo", format="%.1f"),
            "p_value": number("p", format="%.2g"),
        },
        placeholder="",  # with 32 bits there is nothing to compare with
        alt="Accuracy, size and time of these runs with 32 and with 8 bits",
    )
    st.caption(
        "Each as it was exported last, measured in turn on the same photos. p: McNemar's exact "
        "test, how often chance alone would make a difference as large. *Origin* exports it."
    )


def _manage(run: Run) -> None:
    st.header("The current run", anchor=False)
    if not jobs.allowed():
        st.caption("On this server runs cannot be changed.")
        return
    if error := st.session_state.pop(ERROR, None):
        st.error(message(error), icon=":material/error:")
    name = f"name of {run.id}"
    st.text_input(
        "Its name",
        run.record.name or "",
        placeholder=run.id,
        key=name,
        max_chars=80,
        on_change=lambda: _change(partial(manage.rename, run, st.session_state[name])),
    )
    with st.container(horizontal=True):
        st.button(
            "Take its star away" if run.starred else "Star it",
            icon=":material/star:",
            on_click=_change,
            args=(partial(manage.star, run, starred=not run.starred),),
        )
        if st.button("Delete it", icon=":material/delete:", disabled=run.status == "running"):
            _ask(run)
    st.caption("To take its files with you, see *Origin*.")


@st.dialog("Delete this run?")
def _ask(run: Run) -> None:
    test = run.record.test
    reached = (
        f", {percent(test.accuracy)} of {plural(test.n, 'test photo')} correct" if test else ""
    )
    st.markdown(
        f"**{as_text(run.title)}** ({as_text(run.dataset_title)}{reached}) will be deleted "
        "with all its files, for everybody who uses this app. This cannot be undone; it can be "
        "trained again."
    )
    with st.container(horizontal=True):
        if st.button("Delete it for good", type="primary"):
            _change(partial(manage.delete, run))
            st.rerun()
        if st.button("Keep it"):
            st.rerun()


def _change(change: Callable[[], None]) -> None:
    """Change a run, and keep an error for the page, which is drawn after this."""
    try:
        change()
    except (ImgclsError, OSError) as error:
        st.session_state[ERROR] = str(error)
