"""Not a page: the confusion matrix of Results, and the photos behind each of its cells."""

import numpy as np
import pandas as pd
import streamlit as st

from imgcls._utils.names import printable
from imgcls.charts.confusion import confusion_heat_map
from imgcls.evaluation import metrics, predictions
from imgcls.evaluation.intervals import rate
from imgcls.inference.confidence import Confidence
from imgcls.runs.run import Run
from pages.components import photo_grid
from pages.components.tables import readable, table_height
from pages.components.text import as_text

# Keys of widgets; all but the table's are also names in the address.
NUMBERS, TRUE, PREDICTED, TABLE = "numbers", "true", "predicted", "confusion"


def show(run: Run, found: pd.DataFrame, kind: str) -> None:
    """Show the matrix, and the photos of the cell that is picked.

    Args:
        run: a finished run.
        found: its predictions, or some of them.
        kind: what photos these are, for people.
    """
    st.subheader("Confusion matrix", anchor=False)
    percent = _choose_numbers() == "percent"
    names = run.class_names
    counts = metrics.confusion(found["label"].to_numpy(), found["predicted"].to_numpy(), names)
    st.plotly_chart(
        confusion_heat_map(counts, percent=percent),
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {kind}",
    )
    st.caption("The darker a cell, the larger its share of its row, the photos of one true class.")
    true, predicted = _pick_cell(counts, percent=percent)
    label, answer = names.index(true), names.index(predicted)
    cell = found[(found["label"] == label) & (found["predicted"] == answer)]
    said = as_text(f"{kind.capitalize()} of {true} that were called {predicted}")
    st.markdown(f"**{said}**")
    share = rate(len(cell), counts.loc[true].to_numpy().sum(), f"{kind} of {true}")
    st.markdown(
        f"{len(cell):,}: {as_text(share)}. The answers that were furthest ahead come first."
    )
    if len(cell):
        rows = predictions.worst_first(predictions.score_predictions(cell, Confidence.of_run(run)))
        photo_grid.show(run, rows, f"cell {label} {answer}")


def _choose_numbers() -> str:
    options = ["counts", "percent"]
    chosen: str | None = st.segmented_control(
        "Numbers shown",
        options,
        default=options[0],
        required=True,
        key=NUMBERS,
        bind="query-params",
    )
    return chosen or options[0]


def _pick_cell(counts: pd.DataFrame, *, percent: bool) -> tuple[str, str]:
    """Let a cell be picked, in a table or by its two classes, and return their names."""
    names = list(counts.columns)
    # The most frequent confusion is what one wants to see first.
    mistakes = counts.to_numpy().copy()
    np.fill_diagonal(mistakes, -1)
    worst = np.unravel_index(mistakes.argmax(), mistakes.shape)
    st.markdown("Pick a cell to see its photos: in this table, or by its two classes.")
    # A click on the heat map cannot be noticed (streamlit/streamlit#8760).
    shown = readable(counts.div(counts.sum(axis=1).clip(lower=1), axis=0) if percent else counts)
    st.dataframe(
        shown,
        column_config={
            name: st.column_config.NumberColumn(format="percent" if percent else "%d")
            for name in shown.columns
        },
        height=table_height(shown),
        key=TABLE,
        on_select=lambda: _take_cell(names, list(shown.columns)),
        selection_mode="single-cell",
        alt="Confusion matrix: one row a true class, one column a predicted class",
    )
    left, right = st.columns(2)
    true = left.selectbox(
        "True class", names, int(worst[0]), key=TRUE, bind="query-params", format_func=printable
    )
    predicted = right.selectbox(
        "Predicted class",
        names,
        int(worst[1]),
        key=PREDICTED,
        bind="query-params",
        format_func=printable,
    )
    return true, predicted


def _take_cell(names: list[str], shown: list[str]) -> None:
    for row, column in st.session_state[TABLE]["selection"]["cells"]:
        if column in shown:  # not the row's name
            st.session_state[TRUE] = names[row]
            st.session_state[PREDICTED] = names[shown.index(column)]
