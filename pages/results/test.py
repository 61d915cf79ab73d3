"""Not a page: how good a run's answers are, how fair the test is, and the photos to look at."""

import pandas as pd
import streamlit as st

from imgcls import paper
from imgcls._utils.formatting import percent
from imgcls.evaluation import degenerate, metrics, predictions
from imgcls.evaluation.intervals import differ, rate
from imgcls.inference.confidence import Confidence
from imgcls.paths import IMAGENETTE
from imgcls.runs.run import Run
from pages import cached
from pages.components import photo_grid
from pages.components.tables import percent_column, readable, table_height
from pages.components.text import as_text
from pages.results import confusion

SPLIT = "photos"  # key of a widget, and name in the address
BOTH = "both"
SHARES = {
    "precision": "precision",
    "precision_low": "from",
    "precision_high": "to",
    "recall": "recall",
    "recall_low": "from",
    "recall_high": "to",
}
MISTAKES, HITS = "Most confident mistakes", "Least confident right answers"


def show(run: Run) -> None:
    """Show the scores of a finished run."""
    _show_test(run)
    _show_fairness(run)
    st.header("Photo by photo", anchor=False)
    split = st.segmented_control(
        "Photos counted",
        ["validation", "test", BOTH],
        default="validation",
        required=True,
        key=SPLIT,
        bind="query-params",
    )
    found = cached.predictions(run)
    if split != BOTH:
        found = found[found["split"] == split]
    kind = "validation and test photos" if split == BOTH else f"{split} photos"
    right = int((found["label"] == found["predicted"]).sum())
    st.markdown(f"Right: {rate(right, len(found), kind)}.")
    confusion.show(run, found, kind)
    _show_classes(run, found, kind)
    _show_extremes(run, found, kind)


def _show_test(run: Run) -> None:
    st.header("Test", anchor=False)
    test = run.test
    of = "test photos, which played no part in training"
    right = rate(round(test.accuracy * test.n), test.n, of)
    st.markdown(f"**Accuracy:** {right}.")
    st.markdown(f"**Loss:** {test.loss:.3f}, the mean cross-entropy on the same photos.")
    answered = degenerate.only_answer(cached.predictions(run))
    if answered is not None:
        st.warning(
            f"Every validation and test photo is called {as_text(run.class_names[answered])}: the "
            "network has learned nothing that tells the classes apart, and its accuracy is that "
            "class's share of the photos.",
            icon=":material/warning:",
        )
    if run.dataset == IMAGENETTE:
        st.caption(
            f"The paper: accuracy {paper.TEST_ACCURACY:.0%}, loss {paper.TEST_LOSS}. Its test "
            "photos are as many, drawn from the same ones, but not known to be the same."
        )


def _show_fairness(run: Run) -> None:
    shares = predictions.accuracy_by_origin(cached.predictions(run))
    if shares is None or run.record.base is None:
        return
    seen, unseen = shares
    n = seen.n + unseen.n
    st.header("Is the test fair?", anchor=False)
    st.markdown(
        f"Not quite. Of the {n:,} validation and test photos, {seen.n:,} "
        f"({percent(seen.n / n)}) are *training* photos of ImageNet, as their file names tell: the "
        "base had seen them, with their labels, before this experiment began.\n"
        f"- **Seen before:** {rate(seen.correct, seen.n, 'photos')}\n"
        f"- **Never seen:** {rate(unseen.correct, unseen.n, 'photos')}\n"
        "- **Together**, Imagenette's whole validation split, on which others report: "
        f"{rate(seen.correct + unseen.correct, n, 'photos')}"
    )
    apart = differ(seen, unseen)
    st.markdown(
        (
            "The two intervals do not overlap: the network does better on one kind than on the "
            "other."
            if apart
            else "The intervals overlap, so nothing here says that the network profits from having "
            f"seen the photos. With only {unseen.n:,} unseen ones a difference of a few percent "
            "could hide all the same."
        )
        + " What this cannot show: how it does on *your* photos. The unseen ones were collected, "
        "chosen and labelled in the same way as ImageNet's, and all of these classes are classes "
        "of ImageNet."
    )


def _show_classes(run: Run, found: pd.DataFrame, kind: str) -> None:
    st.subheader("Class by class", anchor=False)
    labels, predicted = found["label"].to_numpy(), found["predicted"].to_numpy()
    table = metrics.per_class(labels, predicted, run.class_names)
    table[list(SHARES)] *= 100
    formats = {column: percent_column(name) for column, name in SHARES.items()}
    st.dataframe(
        readable(table),
        column_config={
            **formats,
            "f1": st.column_config.NumberColumn("F1", format="%.3f"),
            "called": "photos called so",
            "support": "photos of the class",
        },
        height=table_height(table),
        alt=f"Precision, recall and F1 of each class on {kind}",
    )
    st.caption(
        "Precision: of the photos called so, the share that are. Recall: of the photos of the "
        "class, the share that were called so. Beside each its 95 % interval, from and to. F1 is "
        f"the harmonic mean of the two. Counted on {len(found):,} {kind}."
    )


def _show_extremes(run: Run, found: pd.DataFrame, kind: str) -> None:
    st.subheader("Worth a look", anchor=False)
    which = st.segmented_control(
        "Show", [MISTAKES, HITS], default=MISTAKES, required=True, label_visibility="collapsed"
    )
    rows = predictions.score_predictions(found, Confidence.of_run(run))
    rows = predictions.top_losses(rows) if which == MISTAKES else predictions.least_sure_hits(rows)
    part = "wrong" if which == MISTAKES else "right"
    if rows.empty:
        st.markdown(f"None of these {len(found):,} {kind} was answered {part}.")
        return
    st.markdown(
        f"**{part.capitalize()}:** {rate(len(rows), len(found), kind)}. "
        + (
            "Surest first: each has something to tell, a wrong label, two things in one picture, "
            "or what the network takes for the thing itself."
            if which == MISTAKES
            else "Least sure first: these were close to going wrong."
        )
    )
    photo_grid.show(run, rows, str(which))
