"""Part 1 of the lesson on Learn, convolution, activation and pooling by numbers."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from imgcls._utils.arrays import FloatArray, RgbArray
from imgcls._utils.names import printable
from imgcls.charts.drawings import number_grid, overlays
from imgcls.data.images import read_rgb
from imgcls.lesson import convolution
from imgcls.lesson.convolution import KERNELS
from imgcls.networks import feature_info
from imgcls.presets import PRESETS
from imgcls.runs.files import PROGRAM
from imgcls.runs.run import Run
from pages import cached
from pages.components.errors import plain_errors
from pages.learn.photo import Photo

SIDE, WINDOW = 10, 3  # of the patch and of the kernels, in pixels
OWN, TYPED = "One of the network's own", "Typed in"
BRIGHTNESS, COLOURS = "brightness", ("red", "green", "blue")
PHOTO_WIDTH, GRID_WIDTH, SMALL_WIDTH = 320, 350, 104  # pixels of the screen
STRONG = 4.0  # the number that gets the full colour


class Kernel(NamedTuple):
    """The kernel chosen, and which numbers of the photo it looks at."""

    weights: FloatArray
    looks_at: str


def show(run: Run | None, photo: Photo) -> None:
    """Let a kernel walk over a patch of the photo, and activation and pooling follow."""
    config = run.config if run else PRESETS["paper"]
    st.markdown(
        "To a network a photo is numbers, three a pixel: how red, green and blue it is, from -1 "
        "(none) to 1 (all). This one is cut and scaled to "
        f"{config.image_size} x {config.image_size} pixels, as "
        f"{'the current run' if run else 'the paper'} does it."
    )
    _lesson(run, read_rgb(photo.content, config.image_size), photo.name)


@st.fragment
def _lesson(run: Run | None, pixels: RgbArray, name: str) -> None:
    with plain_errors():
        kernel = _choose_kernel(run)
        scaled = convolution.rescaled(pixels)
        if kernel.looks_at == BRIGHTNESS:
            values = scaled.mean(axis=2)
        else:
            values = scaled[:, :, COLOURS.index(kernel.looks_at)]
        row, column = _choose_patch(pixels, values, kernel, name)
        output = _walk(values[row : row + SIDE, column : column + SIDE], kernel)
        _activate(output)
        _pool(convolution.relu6(output))


def _choose_kernel(run: Run | None) -> Kernel:
    st.subheader("Convolution", anchor=False)
    st.markdown(
        "A small window, here 3 x 3 pixels, slides over the picture. At each place its numbers, "
        "the **kernel**, are multiplied with the pixels below and added up: one number of a new "
        "picture, the **feature map**."
    )
    has_own = run is not None and run.file(PROGRAM).is_file()
    chosen = st.pills(
        "Kernel",
        [*KERNELS, *([OWN] if has_own else []), TYPED],
        default=next(iter(KERNELS)),
        required=True,
        key="kernel",
        persist_state="page",
    )
    st.caption(
        "A kernel answers strongly where the picture looks like it. Those of this list are from "
        "textbooks; a network learns its own."
    )
    if not has_own:
        why = "There is no run yet" if run is None else "The current run is kept as tables alone"
        st.caption(f"{why}: with one that keeps its model, its own kernels are offered here too.")
    if chosen == OWN and run is not None and has_own:
        return _choose_own(run)
    if chosen == TYPED:
        return _ask_for_kernel()
    return Kernel(KERNELS.get(str(chosen), next(iter(KERNELS.values()))), BRIGHTNESS)


def _choose_own(run: Run) -> Kernel:
    kernels = cached.predictor(run).kernels(feature_info.first_convolution(run.config))
    left, right = st.columns(2)
    number = left.number_input(
        f"Which of the {len(kernels)} of the first layer", 1, len(kernels), key="own kernel"
    )
    colour = right.segmented_control(
        "The part of it for", COLOURS, default=COLOURS[0], required=True, key="colour"
    )
    looks_at = colour or COLOURS[0]
    st.caption(
        f"It has 27 numbers, nine a colour. These are the nine for {looks_at}, so below are the "
        f"photo's numbers for {looks_at}. The network adds the sums of the three colours and a "
        "bias, and in this layer MobileNetV2 moves the window two pixels at a time."
    )
    return Kernel(kernels[number - 1, :, :, COLOURS.index(looks_at)], looks_at)


def _ask_for_kernel() -> Kernel:
    start = pd.DataFrame(KERNELS["Vertical edges"], columns=["left", "middle", "right"])
    number = st.column_config.NumberColumn(format="%.2f", required=True, width=70)
    typed = st.data_editor(
        start,
        hide_index=True,
        width="content",
        column_config=dict.fromkeys(start.columns, number),
        key="typed kernel",
        alt="Kernel of 3 x 3 numbers that can be changed",
    )
    return Kernel(typed.fillna(0).to_numpy(np.float32), BRIGHTNESS)


def _choose_patch(
    pixels: RgbArray, values: FloatArray, kernel: Kernel, name: str
) -> tuple[int, int]:
    """Show the photo, and what the kernel makes of all of it; return where the patch lies."""
    last = len(values) - SIDE
    row, column = _busiest(values)
    left, right = st.columns(2)
    with left:
        # Shown first and filled last: the square is where the sliders below say.
        place = st.container(gap="small")
        # Keys with the photo's name, so that another photo begins at its own best place.
        column = st.slider("Patch: pixels from the left", 0, last, column, key=f"column {name}")
        row = st.slider("Patch: pixels from the top", 0, last, row, key=f"row {name}")
        place.image(
            overlays.frame(pixels, row, column, SIDE, max(1, PHOTO_WIDTH // len(values))),
            f"The photo as the network gets it, and the patch of {SIDE} x {SIDE} pixels that is "
            "looked into below",
            width=PHOTO_WIDTH,
            alt=f"{printable(name)}, with a square around the patch",
        )
    with right:
        response = convolution.convolve(values, kernel.weights)
        strong = max(float(np.abs(response).max()), 1e-6)
        scale = max(1, PHOTO_WIDTH // len(response))
        st.image(
            number_grid.picture(response, number_grid.signed(strong), scale),
            f"The feature map that this kernel makes of the whole photo ({kernel.looks_at}): "
            f"orange above zero, blue below, full colour at {strong:.1f}",
            width=PHOTO_WIDTH,
            alt="Feature map of the whole photo",
        )
    return row, column


@st.cache_data(max_entries=100, show_spinner=False)
def _busiest(values: FloatArray) -> tuple[int, int]:
    return convolution.busiest(values, SIDE)


def _walk(patch: FloatArray, kernel: Kernel) -> FloatArray:
    """Show the window at one place, and return the whole feature map of the patch."""
    windows = convolution.windows(patch, WINDOW)
    across = windows.shape[1]
    places = across * windows.shape[0]
    left, right = st.columns(2)
    place = left.slider("Place of the window", 1, places, 20, key="place", persist_state="page")
    bias = right.slider(
        "Bias: a number that is added at each place",
        *(-4.0, 4.0, 0.0, 0.25),
        key="bias",
        persist_state="page",
    )
    output = convolution.convolve(patch, kernel.weights, bias)
    row, column = divmod(place - 1, across)
    below = windows[row, column]
    products = below * kernel.weights
    left, right = st.columns(2)
    left.image(
        number_grid.grid(patch, number_grid.grey, window=(row, column, WINDOW)),
        f"The patch, {SIDE} x {SIDE} numbers ({kernel.looks_at}), and the window at place {place}",
        width=GRID_WIDTH,
        alt=f"Patch of the photo in numbers, window in row {row + 1}, column {column + 1}",
    )
    right.image(
        number_grid.grid(output, number_grid.signed(STRONG), filled=place, window=(row, column, 1)),
        f"The feature map so far: {place} of {output.shape[0]} x {output.shape[1]} numbers",
        width=round(GRID_WIDTH * across / SIDE),
        alt=f"Feature map of the patch, {place} of {places} numbers",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        _small(below, number_grid.grey, "pixels")
        _small(kernel.weights, number_grid.signed(STRONG / 2), "times kernel")
        _small(products, number_grid.signed(STRONG / 2), "nine products")
        with st.container(width="content", gap=None):
            total = number_grid.number(float(products.sum()), 2)
            st.markdown(f"Sum of the nine products: **{total}**")
            st.markdown(
                f"plus bias {bias:.2f}: **{number_grid.number(float(output[row, column]), 2)}**"
            )
            st.caption(f"It goes into row {row + 1}, column {column + 1} of the feature map.")
    return output


def _small(values: FloatArray, shade: number_grid.Shade, caption: str) -> None:
    numbers = ", ".join(number_grid.number(value, 2) for value in values.ravel().tolist())
    st.image(
        number_grid.grid(values, shade), caption, width=SMALL_WIDTH, alt=f"{caption}: {numbers}"
    )


def _activate(output: FloatArray) -> None:
    st.subheader("ReLU and ReLU6", anchor=False)
    st.markdown(
        "**ReLU**, the rectified linear unit, sets negative numbers to zero and leaves the others "
        "as they are. Without such a bend between them, two layers could always be replaced by "
        "one. MobileNetV2 also cuts off above 6 (**ReLU6**), so that the numbers stay precise in "
        "cheap arithmetic. Here are all numbers of the feature map. A higher bias lets more of "
        "them pass, and some reach 6."
    )
    low, high = int((output < 0).sum()), int((output > convolution.SIX).sum())
    for column, name, values, changed in zip(
        st.columns(2),
        ("ReLU", "ReLU6"),
        (convolution.relu(output), convolution.relu6(output)),
        (f"{low} of {output.size} became 0", f"{low} became 0 and {high} became 6"),
        strict=True,
    ):
        column.image(
            number_grid.grid(values, number_grid.signed(STRONG)),
            f"{name}: {changed}",
            width=GRID_WIDTH,
            alt=f"Feature map after {name}",
        )


def _pool(values: FloatArray) -> None:
    st.subheader("Pooling", anchor=False)
    st.markdown(
        "Makes a feature map smaller: of each square of numbers, **max pooling** keeps the largest "
        "and **average pooling** the mean. What was found stays, where exactly it was does not "
        "matter as much. **Stride** is how far the square moves each time. The small CNN pools "
        "with 2 x 2 and stride 2; MobileNetV2 lets some of its convolutions move two pixels at a "
        "time instead, and takes the mean of each whole feature map at its end (**global average "
        "pooling**)."
    )
    with st.container(horizontal=True):
        kind = st.segmented_control(
            "Keep", ["max", "average"], default="max", required=True, key="pooling"
        )
        size = st.segmented_control("Square", [2, 3, 4], default=2, required=True, key="square")
        stride = st.segmented_control("Stride", [1, 2, 3], default=2, required=True, key="stride")
    size, stride = size or 2, stride or 2
    pooled = convolution.pool(values, "average" if kind == "average" else "max", size, stride)
    left, right = st.columns(2)
    left.image(
        number_grid.grid(values, number_grid.signed(STRONG), window=(0, 0, size)),
        "The feature map after ReLU6, and the first square",
        width=GRID_WIDTH,
        alt="Feature map before pooling",
    )
    right.image(
        number_grid.grid(pooled, number_grid.signed(STRONG), window=(0, 0, 1)),
        f"After {kind} pooling: {pooled.shape[0]} x {pooled.shape[1]} numbers instead of "
        f"{values.shape[0]} x {values.shape[1]}",
        width=round(GRID_WIDTH * len(pooled) / len(values)),
        alt=f"Feature map after {kind} pooling",
    )
