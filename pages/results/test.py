"""How good a run's answers are, how fair the test is, and the photos to look at."""

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import counted, percent
from imgcls.charts.shares import precision_and_recall, shares
from imgcls.evaluation import degenerate, metrics, predictions
from imgcls.evaluation.intervals import Share, differ, rate, table
from imgcls.runs.run import Run
from pages import cached
from pages.components import addressed, photo_grid
from pages.components.tables import percent_column, readable, table_height
from pages.components.text import as_text
from pages.results import confusion

SPLIT = "photos"  # key of a widget, and name in the address
BOTH = "both"
SHARES = [name for name in metrics.TITLES if name.startswith(("precision", "recall"))]
MISTAKES, HITS = "Most confident mistakes", "Least confident right answers"
MANY = 60  # classes: with more, the chart of their shares is longer than anybody reads


def show(run: Run) -> None:
    """Show the scores of a finished run."""
    _warn_of_one_answer(run)
    left, right = st.columns([3, 2], gap="medium")
    matrix = left.container()
    with left.container(horizontal=True):
        found, kind = _choose_photos(run)
        numbers = confusion.choose_numbers()
    counts = confusion.count(run, found, kind)
    with matrix:
        confusion.show_matrix(run, counts, kind, percent=numbers == "percent")
    with right:
        confusion.show_most_frequent(run, found, kind)
    confusion.show_photos(run, found, counts, kind, percent=numbers == "percent")
    _show_classes(run, found, kind)
    _show_extremes(run, found, kind)
    _show_fairness(run)


def _warn_of_one_answer(run: Run) -> None:
    answered = degenerate.only_answer(cached.predictions(run))
    if answered is not None:
        st.warning(
            f"Every validation and test photo is called {as_text(run.class_titles[answered])}: the "
            "network has learned nothing that tells the classes apart, and its accuracy is that "
            "class's share of the photos.",
            icon=":material/warning:",
        )


def _choose_photos(run: Run) -> tuple[pd.DataFrame, str]:
    """Let be chosen which photos count, and return `cached.scored` of them and their name."""
    split = addressed.segmented_control("Photos counted", ("test", "validation", BOTH), SPLIT)
    found = cached.scored(run)
    if split == BOTH:
        return found, "validation and test photos"
    return found[found["split"] == split], f"{split} photos"


def _show_classes(run: Run, found: pd.DataFrame, kind: str) -> None:
    st.header("Which classes does it know best?", anchor=False)
    labels, predicted = found["label"].to_numpy(), found["predicted"].to_numpy()
    figures = cached.table(
        lambda: metrics.per_class(labels, predicted, run.class_titles), f"classes of {kind}", run
    )
    if len(figures) <= MANY:
        st.plotly_chart(
            cached.figure(lambda: precision_and_recall(figures), f"classes of {kind}", run),
            config={"displayModeBar": False},
            alt=f"Recall and precision of each class on {kind}, with 95 % intervals",
        )
    st.markdown(
        "**Recall:** of the photos of the class, the share called so; **precision:** of the photos "
        f"called so, the share that are. Counted on {counted(len(found), kind)}, with 95 % "
        "intervals."
    )
    shown = readable(figures.assign(**figures[SHARES] * 100))
    formats = {column: percent_column(metrics.TITLES[column]) for column in SHARES}
    with st.expander("The figures as a table"):
        st.dataframe(
            shown,
            column_config={
                **metrics.TITLES,
                **formats,
                "f1": st.column_config.NumberColumn(metrics.TITLES["f1"], format="%.3f"),
            },
            height=table_height(figures),
            alt=f"Precision, recall and F1 of each class on {kind}",
        )
        st.caption(
            "From and to: the ends of the 95 % interval. F1: the harmonic mean of precision and "
            "recall."
        )


def _show_extremes(run: Run, found: pd.DataFrame, kind: str) -> None:
    st.header("Which answers are worth a look?", anchor=False)
    which = st.segmented_control(
        "Show", [MISTAKES, HITS], default=MISTAKES, required=True, label_visibility="collapsed"
    )
    ordered = predictions.top_losses if which == MISTAKES else predictions.least_sure_hits
    rows = ordered(found)
    part = "wrong" if which == MISTAKES else "right"
    if rows.empty:
        st.markdown(f"None of {counted(len(found), kind)} was answered {part}.")
        return
    photo_grid.show(run, rows, str(which))
    st.markdown(
        f"**{part.capitalize()}:** {rate(len(rows), len(found), kind)}. "
        + (
            "Surest first: look for a wrong label, two things in one picture, or a background "
            "that the network takes for the thing itself."
            if which == MISTAKES
            else "Least sure first: these were close to going wrong."
        )
    )


def _show_fairness(run: Run) -> None:
    known = cached.accuracy_by_origin(run)
    if known is None or run.record.base is None:
        return
    seen, unseen = known
    n = seen.n + unseen.n
    st.header("Is the test fair?", anchor=False)
    rows = {
        f"Seen before, {seen.n:,} photos": seen,
        f"Never seen, {unseen.n:,} photos": unseen,
        f"Together, {n:,} photos": Share(seen.correct + unseen.correct, n),
    }
    st.plotly_chart(
        cached.figure(lambda: shares(table(rows), "Accuracy"), "seen and unseen", run),
        config={"displayModeBar": False},
        alt="Accuracy on photos that the base had seen: "
        f"{rate(seen.correct, seen.n, 'photos')}; on others: "
        f"{rate(unseen.correct, unseen.n, 'photos')}",
    )
    st.markdown(
        f"Not quite: of the {n:,} validation and test photos, {seen.n:,} ({percent(seen.n / n)}) "
        "are *training* photos of ImageNet, which the base had seen with their labels. "
        + (
            "The two intervals do not overlap: it does better on one kind than on the other."
            if differ(seen, unseen)
            else "The intervals overlap, so there is no sign that this helped; with only "
            f"{unseen.n:,} unseen photos, a few percent could hide all the same."
        )
    )
    with st.expander("What this cannot show"):
        st.markdown(
            "How it does on *your* photos. The unseen ones were collected, chosen and labelled in "
            "the same way as ImageNet's, and all of these classes are classes of ImageNet. "
            "*Together* is Imagenette's whole validation split, on which others report: "
            f"{rate(seen.correct + unseen.correct, n, 'photos')}."
        )
