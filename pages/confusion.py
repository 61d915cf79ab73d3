"""Not a page: the confusion matrix of Results, and the photos behind each of its cells."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from imgcls import metrics
from imgcls.charts_training import confusion_heat_map
from imgcls.runs import Run
from imgcls.wording import rate
from pages import common

# Keys of widgets; all but the table's are also names in the address.
SPLIT, NUMBERS, TRUE, PREDICTED, TABLE = "photos", "numbers", "true", "predicted", "confusion"
PHOTOS_A_PAGE = 12
PHOTO_WIDTH = 150  # in pixels: two fit beside each other on a phone
COLUMN_WIDTH = 52  # of the table, so that ten classes fit beside the heat map


def show(run: Run) -> None:
    """Show the matrix of a finished run, and the photos of the cell that is picked."""
    st.header("Confusion matrix", anchor=False)
    with st.container(horizontal=True):
        split = _choose("Photos counted", ["validation", "test", "both"], SPLIT)
        percent = _choose("Numbers shown", ["counts", "percent"], NUMBERS) == "percent"
    found = common.predictions(run)
    if split != "both":
        found = found[found["split"] == split]
    kind = "validation and test photos" if split == "both" else f"{split} photos"
    names = run.class_names
    counts = metrics.confusion(found["label"].to_numpy(), found["predicted"].to_numpy(), names)
    right = int((found["label"] == found["predicted"]).sum())
    st.markdown(f"Right, which is the diagonal: {rate(right, len(found), kind)}.")
    left, beside = st.columns([2, 3])
    left.plotly_chart(
        confusion_heat_map(counts, percent=percent),
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {kind}",
    )
    left.caption(
        "The darker a cell, the larger its share of its row, the photos of one true class."
    )
    with beside:
        true, predicted = _pick_cell(counts, percent=percent)
    label, answer = names.index(true), names.index(predicted)
    cell = found[(found["label"] == label) & (found["predicted"] == answer)]
    st.subheader(f"{kind.capitalize()} of {true} that were called {predicted}", anchor=False)
    st.markdown(
        f"{len(cell):,}: {rate(len(cell), counts.loc[true].to_numpy().sum(), f'{kind} of {true}')}."
    )
    if len(cell):
        _show_photos(run, cell, label, answer)


def _choose(label: str, options: list[str], key: str) -> str:
    chosen: str | None = st.segmented_control(
        label, options, default=options[0], required=True, key=key, bind="query-params"
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
    st.dataframe(
        counts.div(counts.sum(axis=1).clip(lower=1), axis=0) if percent else counts,
        column_config={
            name: st.column_config.NumberColumn(
                format="percent" if percent else "%d", width=COLUMN_WIDTH
            )
            for name in names
        },
        height="content",
        key=TABLE,
        on_select=lambda: _take_cell(names),
        selection_mode="single-cell",
        alt="Confusion matrix: one row a true class, one column a predicted class",
    )
    left, right = st.columns(2)
    true = left.selectbox("True class", names, int(worst[0]), key=TRUE, bind="query-params")
    predicted = right.selectbox(
        "Predicted class", names, int(worst[1]), key=PREDICTED, bind="query-params"
    )
    return true, predicted


def _take_cell(names: list[str]) -> None:
    for row, column in st.session_state[TABLE]["selection"]["cells"]:
        if column in names:  # not the row's name
            st.session_state[TRUE], st.session_state[PREDICTED] = names[row], column


def _show_photos(run: Run, cell: pd.DataFrame, label: int, answer: int) -> None:
    """Show a cell's photos, the surest answers first; without the dataset, their names."""
    table = pd.DataFrame(
        {
            "file": cell["file"],
            "answer": [row[answer] for row in cell["probabilities"]],
            "truth": [row[label] for row in cell["probabilities"]],
        }
    ).sort_values("answer", ascending=False)
    dataset = common.current_dataset()
    if dataset is None or dataset.fingerprint != run.record["data"]["fingerprint"]:
        name = run.dataset
        st.caption(f"To see the photos, choose the dataset {name} in the sidebar.")
        share = st.column_config.NumberColumn
        st.dataframe(
            table,
            hide_index=True,
            column_config={
                "answer": share("probability of the answer", format="percent"),
                "truth": share("probability of the true class", format="percent"),
            },
            alt="Files of the photos in this cell, with probabilities",
        )
        return
    names = run.class_names
    pages = math.ceil(len(table) / PHOTOS_A_PAGE)
    # A key for each cell: another one begins on its first page.
    page = st.pagination(pages, key=f"page {label} {answer}") if pages > 1 else 1
    shown = table.iloc[(page - 1) * PHOTOS_A_PAGE : page * PHOTOS_A_PAGE]
    with st.container(horizontal=True):
        for file, sure, truth in shown.itertuples(index=False):
            caption = f"{names[answer]} {sure:.1%}"
            if label != answer:
                caption += f", {names[label]} {truth:.1%}"
            alt = f"Photo of {names[label]} called {names[answer]}"
            st.image(str(dataset.path(file)), caption, width=PHOTO_WIDTH, alt=alt)
