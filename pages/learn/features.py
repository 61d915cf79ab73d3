"""Part 2 of the lesson on Learn, what the network sees."""

from collections.abc import Sequence

import streamlit as st

from imgcls._utils.arrays import FloatArray
from imgcls._utils.names import printable
from imgcls.charts.drawings import feature_maps
from imgcls.charts.drawings.shapes import shapes
from imgcls.charts.lesson import map_sheet
from imgcls.data.images import ImageError
from imgcls.networks import feature_info
from imgcls.networks.feature_info import Depth
from imgcls.networks.layers import network_layers
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from pages import cached
from pages.components import addressed
from pages.components.errors import empty, plain_errors
from pages.components.text import as_text, message
from pages.learn import bottleneck, head, network, normalization
from pages.learn.photo import Photo
from pages.state import cannot_answer

DEPTH, SHEET = "depth", "sheet of feature maps"  # keys; the first one is also in the address
MAPS, COLUMNS = 24, 6
TILE, LARGE, KERNEL_TILE, DRAWING = 72, 480, 44, 760  # pixels


def show(run: Run | None, photo: Photo) -> None:
    """Show the feature maps of a photo at several depths, and the layers that make them."""
    st.markdown(
        "A convolution makes a **feature map** for each of its kernels, bright where the photo "
        "looks like the kernel. The next layer takes these maps for its picture. They get smaller "
        "and more: *where* is given up for *what*."
    )
    if run is None or not run.can_predict:
        empty(*cannot_answer(run))
    else:
        _show_maps(run, photo)
    config, classes = (run.config, len(run.class_names)) if run else (PRESETS["paper"], 10)
    bottleneck.show(config)
    if any(layer.type == "BatchNormalization" for layer in network_layers(config)):
        normalization.show(run, photo)
    head.show(config, classes)
    with st.expander("The whole network, layer by layer", icon=":material/table_rows:"):
        network.show(config, classes, "the current run" if run else "the paper")


@st.fragment
def _show_maps(run: Run, photo: Photo) -> None:
    with plain_errors():
        known = feature_info.depths(run.config)
        names = [depth.layer for depth in known]
        try:
            pixels, found = cached.feature_maps(run, photo.content, names)
        except ImageError as error:
            st.error(f"**{as_text(photo.name)}**: {message(error)}", icon=":material/broken_image:")
            return
        drawing = st.container()
        depth = _choose_depth(known)
        drawn = [pixels.shape, *(each.shape for each in known)]
        drawing.image(
            shapes(drawn, known.index(depth) + 1),
            width=DRAWING,
            alt="The shape from the photo on: "
            + ", ".join(f"{height} x {width} x {maps:,}" for height, width, maps in drawn),
        )
        drawing.caption(
            "From the photo (height x width x 3 colours) to the last feature maps. Front: size of "
            "the picture. Thickness: number of maps. Orange: the depth that is shown below."
        )
        maps = found[depth.layer]
        channels = feature_info.liveliest(maps, MAPS)
        # First the large one: on a phone, where they are below each other, it stays in sight.
        large, sheet = st.columns([2, 3], gap="medium")
        with sheet:
            picked = _pick(depth, maps, channels)
        with large:
            values = maps[..., channels[picked]]
            st.image(
                feature_maps.over_photo(pixels, values, LARGE),
                width="stretch",
                alt=f"Feature map {channels[picked]} over {printable(photo.name)}",
            )
            st.caption(_describe(depth, values, channels[picked]))
        if depth == known[0]:
            _show_kernels(run, channels)


def _choose_depth(known: Sequence[Depth]) -> Depth:
    names = {depth.layer: depth.name for depth in known}
    chosen = addressed.segmented_control("Depth", names, DEPTH)
    return next(depth for depth in known if depth.layer == chosen)


def _pick(depth: Depth, maps: FloatArray, channels: Sequence[int]) -> int:
    """Show the liveliest maps, and return the place of the one that is picked."""
    slider, sheet = f"map of {depth.layer}", f"{SHEET} {depth.layer}"
    picked = st.slider(
        f"Map, from the liveliest of {depth.shape[-1]:,}; or click one",
        1,
        len(channels),
        key=slider,
        persist_state="session",
    )
    st.plotly_chart(
        map_sheet(
            feature_maps.sheet(maps, channels, COLUMNS, TILE),
            [f"map {channel}" for channel in channels],
            COLUMNS,
            picked - 1,
        ),
        key=sheet,
        on_select=lambda: _take(sheet, slider),
        selection_mode="points",
        config={"displayModeBar": False},
        alt=f"The {len(channels)} liveliest feature maps of {depth.name}",
    )
    signed = " Blue: below zero, there is no ReLU behind a bottleneck." if depth.signed else ""
    st.caption(
        f"The {len(channels)} of {depth.shape[-1]:,} maps whose values differ most over this photo "
        "(standard deviation), from the top left on: one that is as strong everywhere says nothing "
        "about where. Black: zero. Orange: the larger the brighter, each map scaled to its own "
        f"largest value.{signed}"
    )
    return int(picked) - 1


def _take(sheet: str, slider: str) -> None:
    for point in st.session_state[sheet]["selection"]["points"]:
        st.session_state[slider] = point["point_index"] + 1


def _describe(depth: Depth, values: FloatArray, channel: int) -> str:
    height, width, maps = depth.shape
    return (
        f"Map {channel} (they count from 0 to {maps - 1:,}) of {depth.name}, over the part of the "
        f"photo that the network sees. Each of its {height} x {width} numbers is a square; they "
        f"go from {values.min():.2f} to {values.max():.2f}, on average {values.mean():.2f}."
    )


def _show_kernels(run: Run, channels: Sequence[int]) -> None:
    st.subheader("The kernels behind them", anchor=False)
    kernels = cached.predictor(run).kernels(feature_info.first_convolution(run.config))
    columns = len(kernels) // 2
    order = [*channels, *(at for at in range(len(kernels)) if at not in set(channels))]
    st.image(
        feature_maps.kernels(kernels[order], columns, KERNEL_TILE),
        alt=f"The {len(kernels)} kernels of the first convolution, 3 x 3 pixels each",
    )
    st.caption(
        f"All {len(kernels)} kernels of the first convolution, those of the maps above first and "
        "in the same order. 3 x 3 pixels with three weights each, for red, green and blue. Grey: "
        "zero; a kernel answers most strongly to a patch that looks like it. Nobody drew them: "
        "they are what training came to."
    )
