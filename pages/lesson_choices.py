"""Not a page: part 6 of the lesson on Learn, sigmoid or softmax, Adam, dropout, batch size."""

import streamlit as st

from imgcls.runs import Run
from pages.lesson_photo import Photo

PARTS = {
    "Dropout": (
        "In training, switches off a random share of the units at each step, so that no unit can "
        "rely on another one. In use it does nothing."
    ),
    "Sigmoid": (
        "Squeezes any number into 0 to 1. The paper ends its network with it, although the ten "
        "classes exclude each other and softmax, which makes the ten add up to 1, is usual. Here "
        "both train identically: Keras 3's sparse categorical cross-entropy does not use the "
        "outputs of a sigmoid, but takes the numbers before it (the logits) and applies softmax "
        "to them. The probabilities in this app are the softmax of the logits too."
    ),
}


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Explain sigmoid or softmax, Adam, dropout, batch size."""
    _show_parts()


def _show_parts() -> None:
    for column, name in zip(st.columns(2) * len(PARTS), PARTS, strict=False):
        with column.container(border=True):
            st.subheader(name, anchor=False)
            st.markdown(PARTS[name])
