"""Not a page: part 1 of the lesson on Learn, convolution, activation and pooling."""

import streamlit as st

from imgcls.runs import Run
from pages.lesson_photo import Photo

PARTS = {
    "Convolution": (
        "A small window, here 3 x 3 or 1 x 1 pixels, slides over the picture. At each place its "
        "numbers, the kernel, are multiplied with the pixels below and added up: one number of a "
        "new picture, the feature map. A kernel answers strongly where the picture looks like it: "
        "the first ones find edges and colours, later ones textures, then parts of things. What "
        "the kernels look for is learned. A *depthwise* convolution treats each feature map on "
        "its own, which takes far fewer multiplications."
    ),
    "ReLU and ReLU6": (
        "Sets negative numbers to zero and leaves the others as they are. Without such a bend "
        "between them, two layers could always be replaced by one. MobileNetV2 also cuts off "
        "above 6 (ReLU6), so that the numbers stay precise in cheap arithmetic."
    ),
    "Pooling": (
        "Makes a feature map smaller: of each 2 x 2 numbers, max pooling keeps the largest. What "
        "was found stays, where exactly it was does not matter as much. The small CNN does this; "
        "MobileNetV2 lets some of its convolutions move two pixels at a time instead."
    ),
}


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Explain convolution, activation and pooling."""
    _show_parts()


def _show_parts() -> None:
    for column, name in zip(st.columns(2) * len(PARTS), PARTS, strict=False):
        with column.container(border=True):
            st.subheader(name, anchor=False)
            st.markdown(PARTS[name])
