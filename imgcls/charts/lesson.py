"""Figures of the lesson on Learn."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from PIL import Image

from imgcls._utils.arrays import FloatArray, Floats
from imgcls.charts.theme import BLUE, GREEN, GREY, ORANGE, ROW, finish, labels
from imgcls.config import TrainConfig
from imgcls.lesson.last_layer import SHARED, SIGMOID, SOFTMAX
from imgcls.lesson.optimizers import MINIMUM
from imgcls.networks.layers import cut_index, is_trained, network_layers

CACHED, FROZEN, TRAINED, HEAD = "frozen and cached", "frozen", "trained", "head"
COLOURS = {CACHED: GREY, FROZEN: GREEN, TRAINED: BLUE, HEAD: ORANGE}
HEIGHT = 320
MAP_AXES = 3  # of the shape of a layer with feature maps: height, width, channels
MILLION = 1_000_000
FRAME_WIDTH = 3  # pixels of the frame around the one that is picked
# Pixels: four rows of six on a laptop's screen, little more than they need on a phone.
GRID_HEIGHT = 300
SHORTEST_AXIS, BINS = 5, 80  # of histograms, from minus to plus this number


def layer_strip(config: TrainConfig, classes: int = 10) -> go.Figure:
    """Return one bar a layer of MobileNetV2, coloured by what phase 2 does with it.

    Args:
        config: a recipe with MobileNetV2.
        classes: units of the last layer.
    """
    kinds: dict[str, list[tuple[int, int, str]]] = {kind: [] for kind in COLOURS}
    first, last_cached = config.phases[-1].first_trainable, cut_index(config)
    # The photo's scaling before the base is no layer of it.
    for place, layer in enumerate(network_layers(config, classes)[1:]):
        if layer.base_index is None:
            kind = HEAD
        elif is_trained(layer, first):
            kind = TRAINED
        else:
            kind = CACHED if layer.base_index <= last_cached else FROZEN
        side = layer.output_shape[0] if len(layer.output_shape) == MAP_AXES else 1
        kinds[kind].append((place, side, f"{layer.name} ({layer.type}), {layer.params:,}"))
    figure = go.Figure()
    for kind, bars in kinds.items():
        figure.add_bar(
            x=[place for place, _, _ in bars],
            y=[side for _, side, _ in bars],
            customdata=[text for _, _, text in bars],
            name=kind,
            marker={"color": COLOURS[kind], "line": {"width": 0}},
            hovertemplate=f"layer %{{x}}: %{{customdata}} parameters<extra>{kind}</extra>",
        )
    # Without the padding's, which are a pixel larger and would hide the others.
    sides = [config.image_size >> halvings for halvings in range(6)] + [1]
    figure.update_layout(bargap=0.1, height=250, barmode="overlay", showlegend=True)
    figure.update_xaxes(title="Layer, from the photo to the answer", range=[-1, 158])
    figure.update_yaxes(
        title="Side of its output", type="log", tickvals=sides, ticktext=list(map(str, sides))
    )
    return finish(figure)


def last_layers(table: pd.DataFrame, names: list[str]) -> go.Figure:
    """Return one group of bars a class: what each last layer makes of its logit.

    Args:
        table: as `imgcls.lesson.last_layer.compare`.
        names: of the classes.
    """
    figure = go.Figure()
    for kind, colour in ((SIGMOID, GREY), (SHARED, ORANGE), (SOFTMAX, BLUE)):
        figure.add_bar(
            x=labels(names),
            y=table[kind],
            name=kind,
            marker={"color": colour},
            text=table[kind].map("{:.2f}".format),
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{x}}: %{{y:.4f}}<extra>{kind}</extra>",
        )
    figure.update_xaxes(title="Class", type="category")
    figure.update_yaxes(title="Output", range=[0, 1.1])
    figure.update_layout(height=HEIGHT, barmode="group")
    return finish(figure)


def descents(paths: dict[str, Floats]) -> go.Figure:
    """Return the weight against the steps, one line an optimizer.

    Args:
        paths: name of the optimizer -> as `imgcls.lesson.optimizers.adam`.
    """
    figure = go.Figure()
    for (name, weights), (colour, dash) in zip(
        paths.items(), ((ORANGE, "dash"), (BLUE, "solid")), strict=True
    ):
        figure.add_scatter(
            x=np.arange(len(weights)),
            y=weights,
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 3},
            hovertemplate=f"after step %{{x}}: %{{y:.3f}}<extra>{name}</extra>",
        )
    figure.add_hline(MINIMUM, line={"color": GREY, "dash": "dot"})
    figure.update_xaxes(title="Step")
    # Fixed: what flies out of the valley shall be seen to do so.
    figure.update_yaxes(title="Weight (best: 3)", range=[-2, 8])
    figure.update_layout(height=HEIGHT)
    return finish(figure)


def gradient_noise(table: pd.DataFrame, batch_size: int) -> go.Figure:
    """Return the noise of the gradient against the batch size, both on scales of factors.

    Args:
        table: as `imgcls.lesson.batch_size.noise`.
        batch_size: the one chosen, which is marked.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=table["batch_size"],
        y=table["expected"],
        name="one over the root of the batch size",
        mode="lines",
        line={"color": GREY, "dash": "dot"},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=table["batch_size"],
        y=table["measured"],
        name="measured",
        mode="markers",
        marker={
            "color": [ORANGE if size == batch_size else BLUE for size in table["batch_size"]],
            "size": [14 if size == batch_size else 8 for size in table["batch_size"]],
        },
        hovertemplate="batches of %{x}: %{y:.4f}<extra></extra>",
    )
    figure.update_xaxes(
        title="Batch size", type="log", tickvals=table["batch_size"], ticktext=table["batch_size"]
    )
    figure.update_yaxes(title="Noise of the gradient", type="log", dtick=1)
    figure.update_layout(height=HEIGHT)
    return finish(figure)


def map_sheet(sheet: Image.Image, names: Sequence[str], columns: int, picked: int) -> go.Figure:
    """Return the sheet with a mark over each map, which a click or a tap picks.

    Args:
        sheet: as `imgcls.charts.drawings.feature_maps.sheet` draws it.
        names: of the maps, in order; shown under the pointer.
        columns: how many maps are beside each other.
        picked: place of the one that gets a frame.
    """
    rows = -(-len(names) // columns)
    figure = go.Figure(
        go.Scatter(
            x=[place % columns + 0.5 for place in range(len(names))],
            y=[place // columns + 0.5 for place in range(len(names))],
            mode="markers",
            marker={"opacity": 0, "size": 20},
            # Plotly dims what is not selected, and there is nothing to be dimmed.
            selected={"marker": {"opacity": 0}},
            unselected={"marker": {"opacity": 0}},
            text=list(names),
            hovertemplate="%{text}<extra></extra>",
        )
    )
    figure.add_layout_image(
        source=sheet,
        xref="x",
        yref="y",
        x=0,
        y=0,
        sizex=columns,
        sizey=rows,
        sizing="stretch",
        layer="below",
    )
    row, column = divmod(picked, columns)
    frame = {"x0": column, "x1": column + 1, "y0": row, "y1": row + 1}
    figure.add_shape(type="rect", line={"color": ORANGE, "width": FRAME_WIDTH}, **frame)
    finish(figure)
    # However far from its middle a map is clicked, it is the nearest mark that is meant.
    figure.update_layout(
        hovermode="closest",
        hoverdistance=-1,
        clickmode="event+select",
        margin={"l": 2, "r": 2, "t": 2, "b": 2},
        height=GRID_HEIGHT,
    )
    figure.update_xaxes(visible=False, range=[0, columns], fixedrange=True, constraintoward="left")
    figure.update_yaxes(
        visible=False,
        range=[rows, 0],
        fixedrange=True,
        scaleanchor="x",
        constrain="domain",
        constraintoward="top",
    )
    return figure


def costs(counted: Mapping[str, int], what: str) -> go.Figure:
    """Return one bar for each part of a network, in millions; the last one stands out.

    Args:
        counted: name of the part -> number.
        what: is counted, such as "parameters".
    """
    names = [name.replace(" instead", "<br>instead") for name in counted]
    counts = [count / MILLION for count in counted.values()]
    figure = go.Figure(
        go.Bar(
            y=names,
            x=counts,
            orientation="h",
            marker={"color": [BLUE] * (len(names) - 1) + [ORANGE]},
            text=[f"{count:,.1f}" if count >= 1 else f"{count:.2f}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate=f"%{{y}}: %{{x:,.2f}} million {what}<extra></extra>",
        )
    )
    # Room on the right for the number beside the longest bar.
    figure.update_xaxes(title=f"Million {what}", range=[0, 1.25 * max(counts)], nticks=5)
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=60 + ROW * len(names))
    return finish(figure)


def histograms(told: Mapping[str, FloatArray]) -> go.Figure:
    """Return how often each value occurs in two lists of numbers, on one axis.

    Args:
        told: name -> numbers, each of shape (n,). The axis is that of the first list; what lies
            beyond counts in the last bin.
    """
    first = next(iter(told.values()))
    limit = max(SHORTEST_AXIS, math.ceil(np.abs(first).max()))
    edges = np.linspace(-limit, limit, BINS + 1)
    figure = go.Figure()
    for (name, values), (colour, dash) in zip(
        told.items(), ((ORANGE, "dot"), (BLUE, "solid")), strict=True
    ):
        counts, _ = np.histogram(np.clip(values, -limit, limit), edges)
        figure.add_scatter(
            x=(edges[:-1] + edges[1:]) / 2,
            y=counts / len(values),
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "shape": "hvh", "width": 2},
            hovertemplate=f"about %{{x:.1f}}: %{{y:.1%}}<extra>{name}</extra>",
        )
    figure.add_vline(0, line={"color": GREY, "width": 1})
    figure.update_xaxes(title="Number in the feature map", range=[-limit, limit])
    figure.update_yaxes(title="Share of its numbers", tickformat=".0%", rangemode="tozero")
    figure.update_layout(height=HEIGHT)
    return finish(figure)
