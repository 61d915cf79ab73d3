"""The confusion matrix of Results, and the photos behind each of its cells."""

import numpy as np
import pandas as pd
import streamlit as st

from imgcls._utils.formatting import counted, plural
from imgcls._utils.names import printable
from imgcls.charts.confusion import confusion_heat_map
from imgcls.evaluation import metrics, predictions
from imgcls.evaluation.intervals import rate
from imgcls.runs.run import Run
from pages import cached
from pages.components import addressed, photo_grid
from pages.components.photo import show_photo
from pages.components.tables import readable, table_height
from pages.components.text import as_text

# Keys of widgets; all but the table's are also names in the address.
NUMBERS, TRUE, PREDICTED, TABLE = "numbers", "true", "predicted", "confusion"
WORST = 4  # pairs of classes beside the matrix
WORST_WIDTH = 138  # pixels of a photo: two beside each other


def choose_numbers() -> str:
    """Let be chosen whether the matrix holds "counts" or "percent"."""
    return addressed.segmented_control("Numbers shown", ("counts", "percent"), NUMBERS)


def count(run: Run, found: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Return the matrix of predictions, see `imgcls.evaluation.metrics.confusion`.

    Args:
        run: whose answers they are.
        found: of `cached.scored`.
        kind: what photos these are, for people.
    """
    labels, predicted = found["label"].to_numpy(), found["predicted"].to_numpy()
    return cached.table(
        lambda: metrics.confusion(labels, predicted, run.class_titles), f"confusion of {kind}", run
    )


def show_matrix(run: Run, counts: pd.DataFrame, kind: str, *, percent: bool) -> None:
    """Show the matrix as a picture.

    Args:
        run: whose answers they are.
        counts: as `count`.
        kind: what photos these are, for people.
        percent: whether the numbers are shares of the row.
    """
    st.header("Which classes does it confuse?", anchor=False)
    st.plotly_chart(
        cached.figure(
            lambda: confusion_heat_map(counts, percent=percent),
            f"confusion of {kind}, {percent=}",
            run,
        ),
        config={"displayModeBar": False},
        alt=f"Confusion matrix of {kind}",
    )
    st.caption(
        f"**Confusion matrix** of {counted(int(counts.to_numpy().sum()), kind)}. The stronger "
        "the blue, the larger the share of its row, the photos of one true class."
    )


def show_most_frequent(run: Run, found: pd.DataFrame, kind: str) -> None:
    """Show the pairs of classes that are confused most, each with a photo."""
    st.header("Confused most", anchor=False)
    pairs = cached.table(
        lambda: predictions.most_frequent_confusions(found).head(WORST), f"pairs of {kind}", run
    )
    if pairs.empty:
        st.markdown(f"Nothing: none of {counted(len(found), kind)} was answered wrong.")
        return
    names, dataset = run.class_titles, photo_grid.dataset_of(run)
    told = {
        row["file"]: f"{names[row['label']]}, called {names[row['predicted']]}: "
        f"{plural(row['photos'], 'photo')}"
        for row in pairs.to_dict("records")
    }
    if dataset is None:
        st.markdown("\n".join(f"- {as_text(line)}" for line in told.values()))
        st.caption("The photos are not on this machine. With them, each is shown here.")
        st.page_link("pages/dataset/page.py", label="Fetch the photos on Dataset")
        return
    with st.container(horizontal=True, gap="small"):
        for file, line in told.items():
            show_photo(dataset.path(file), printable(line), WORST_WIDTH, as_text(line))


def show_photos(
    run: Run, found: pd.DataFrame, counts: pd.DataFrame, kind: str, *, percent: bool
) -> None:
    """Let a cell be picked, and show its photos.

    Args:
        run: a finished run.
        found: its predictions, or some of them, see `cached.scored`.
        counts: their matrix.
        kind: what photos these are, for people.
        percent: as of `show_matrix`.
    """
    st.header("Which photos are in a cell?", anchor=False)
    label, answer = _pick_cell(run, counts, percent=percent)
    true, predicted = run.class_titles[label], run.class_titles[answer]
    cell = found[(found["label"] == label) & (found["predicted"] == answer)]
    said = as_text(f"{kind.capitalize()} of {true} that were called {predicted}")
    st.markdown(f"**{said}**")
    if len(cell):
        photo_grid.show(run, predictions.worst_first(cell), f"cell {label} {answer}")
    share = rate(len(cell), int(counts.iloc[label].sum()), f"{kind} of {true}")
    st.markdown(
        f"{len(cell):,}: {as_text(share)}. The answers that were furthest ahead come first."
    )


def _pick_cell(run: Run, counts: pd.DataFrame, *, percent: bool) -> tuple[int, int]:
    """Let a cell be picked, in a table or by its two classes, and return their labels."""
    names = run.class_names
    # The most frequent confusion is what one wants to see first.
    mistakes = counts.to_numpy().copy()
    np.fill_diagonal(mistakes, -1)
    worst = np.unravel_index(mistakes.argmax(), mistakes.shape)
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
    st.caption("Pick a cell in this table, or its two classes:")
    options = dict(zip(names, map(printable, run.class_titles), strict=True))
    left, right = st.columns(2)
    with left:
        true = addressed.selectbox("True class", options, TRUE, names[worst[0]])
    with right:
        predicted = addressed.selectbox("Predicted class", options, PREDICTED, names[worst[1]])
    return names.index(true), names.index(predicted)


def _take_cell(names: list[str], shown: list[str]) -> None:
    for row, column in st.session_state[TABLE]["selection"]["cells"]:
        if column in shown:  # not the row's name
            st.session_state[TRUE] = names[row]
            st.session_state[PREDICTED] = names[shown.index(column)]
