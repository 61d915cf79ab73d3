"""Held-out photos that are nearly the same as a training photo: looked for when asked."""

import time

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import duration
from imgcls.data.dataset import Dataset
from imgcls.evaluation.own_photos.split_leaks import SplitLeaks, near_duplicates_across_splits
from pages import cached
from pages.components.errors import plain_errors
from pages.components.tables import readable

FOUND = "near duplicates found"  # fingerprint of a dataset -> what was found in it
SECONDS_A_PHOTO = 0.005  # on two cores; those examined before take next to nothing


def show(dataset: Dataset) -> None:
    """Show what was found in this visit, or the button that looks."""
    st.header("Photos that are nearly the same", anchor=False)
    found: dict[str, SplitLeaks] = st.session_state.setdefault(FOUND, {})
    if dataset.fingerprint in found:
        _show_leaks(found[dataset.fingerprint])
        return
    st.markdown(
        "A burst of a camera that is split between training and test makes the test too easy: the "
        "network has nearly seen the answer."
    )
    seconds = SECONDS_A_PHOTO * len(dataset.table)
    if st.button(
        "Look for near duplicates",
        icon=":material/burst_mode:",
        help=f"It reads every photo once: about {duration(seconds)}, less the next time. "
        "Another click on this page stops it; what is known by then is kept.",
    ):
        with plain_errors():
            found[dataset.fingerprint] = _look(dataset)
            st.rerun()


def _look(dataset: Dataset) -> SplitLeaks:
    shown, started = st.progress(0.0, "Looking at the photos"), time.monotonic()

    def report(done: int, total: int) -> None:
        left = (time.monotonic() - started) / done * (total - done)
        told = f"Looking: {done:,} of {total:,} photos, {duration(left)} left"
        shown.progress(done / total, told)

    return near_duplicates_across_splits(dataset, cached.photo_examiner(), report)


def _show_leaks(leaks: SplitLeaks) -> None:
    photos = len(leaks.photos)
    if not photos:
        st.markdown(
            f"None: of {leaks.held_out:,} validation and test photos none is nearly the same as a "
            "training photo."
        )
        return
    st.markdown(
        f"**{photos:,} of {leaks.held_out:,} validation and test photos** are nearly the same as a "
        "training photo. They make the figures of a run too good: move each pair into one split."
    )
    pairs = pd.DataFrame(leaks.pairs, columns=["training photo", "validation or test photo"])
    st.dataframe(readable(pairs), hide_index=True, alt="Pairs of photos that are nearly the same")
