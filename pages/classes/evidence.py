"""How well the classes are told apart, before anything is trained."""

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import percent
from imgcls.charts.confusion import confusion_heat_map
from imgcls.charts.learning import accuracy_against_photos
from imgcls.data.collections.collection import Collection
from imgcls.evaluation.intervals import told
from imgcls.evaluation.own_photos.cross_validation import FOLDS, REPEATS, CrossValidation, Estimate
from imgcls.evaluation.own_photos.judge import Judgement
from pages import cached
from pages.classes import findings
from pages.components.text import as_text, message

GAP = 0.02  # between the two splits, from which on it is said what it means


def show(collection: Collection) -> None:
    """Show accuracy with interval, the confusion matrix and what would help."""
    if not collection.photos():
        return
    st.header("How well it tells them apart", anchor=False)
    with st.spinner("Looking at the photos"):
        judgement = cached.judgement(collection)
    if judgement.result is None:
        st.info(message(judgement.why_not), icon=":material/hourglass_empty:")
    else:
        _show_result(judgement, judgement.result)
    findings.show(collection, judgement)


def _show_result(judgement: Judgement, result: CrossValidation) -> None:
    safe, random = st.columns(2)
    _show_estimate(
        safe,
        "Accuracy, near duplicates kept together",
        result.burst_safe,
        "different photos",
        "Photos that are nearly the same, as of a burst, are either all learned from or all asked "
        "for, and count as one. This is what to expect of the next photo.",
    )
    _show_estimate(
        random,
        "Accuracy, split at random",
        result.random,
        "photos",
        "As it is usually done. With bursts it is too good: twins of the photos asked for were "
        "learned from.",
    )
    leak = result.random.accuracy - result.burst_safe.accuracy
    if leak > GAP:
        st.warning(
            f"Split at random it looks {leak * 100:.0f} points better, because of photos that are "
            "nearly the same. Believe the first figure.",
            icon=":material/burst_mode:",
        )
    st.caption(
        f"{FOLDS}-fold cross-validation, {REPEATS} times, of logistic regression on the features "
        f"of a frozen network ({as_text(cached.photo_examiner().note)}). Nothing is trained for it."
    )
    matrix, curve = st.columns([3, 2], gap="medium")
    names = list(judgement.examined.classes)
    counts = pd.DataFrame(judgement.confusion, index=names, columns=names)
    correct = int(judgement.confusion.trace())
    matrix.markdown("**What is taken for what**")
    matrix.plotly_chart(
        confusion_heat_map(counts, percent=False),
        key="own matrix",
        config={"displayModeBar": False},
        alt=f"Confusion matrix: {correct} of {judgement.confusion.sum()} photos on the diagonal",
    )
    with curve:
        st.markdown("**Would more photos help?**")
        show_curve(result, "own learning curve")


def show_curve(result: CrossValidation, key: str) -> None:
    """Show the accuracy with a part and with all of the photos; `key` is that of the chart."""
    points = [(photos, each.accuracy, *each.interval) for photos, each in result.curve]
    st.plotly_chart(
        accuracy_against_photos(
            pd.DataFrame(points, columns=["photos", "accuracy", "low", "high"])
        ),
        key=key,
        config={"displayModeBar": False},
        alt="Accuracy: "
        + ", ".join(f"{percent(each[1])} with {each[0]:.0f} photos a class" for each in points),
    )


def _show_estimate(
    place: "st.delta_generator.DeltaGenerator", label: str, found: Estimate, of: str, help: str
) -> None:
    place.metric(label, percent(found.accuracy), help=help)
    place.caption(f"of {found.n:,} {of}; {told(found.interval)}")
