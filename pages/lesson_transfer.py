"""Not a page: part 5 of the lesson on Learn, when transfer learning does not work."""

import streamlit as st

from imgcls.runs import Run
from pages.lesson_photo import Photo


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Show the limits of transfer learning."""
    _show_limits()


def _show_limits() -> None:
    st.subheader("What transfer learning can and cannot do", anchor=False)
    st.markdown(
        "It works when the new task resembles the old one. The paper's ten classes are themselves "
        "classes of ImageNet, and so three epochs with a frozen base already get 98 % of its "
        "validation photos right. It cannot conjure up what the base has never needed: the "
        "bundled **digits** are drawings of 8 x 8 pixels and look like nothing in ImageNet. With "
        "the same recipe at 160 px, 71 % of 291 validation digits are right after phase 1, and it "
        "takes phase 2, which changes the base itself, to reach 88 %. The small CNN, trained from "
        "noise on the 1,442 training digits, reaches 72 % in ten epochs."
    )
    st.page_link("pages/train.py", label="Try it: train on digits, then compare the two phases")
