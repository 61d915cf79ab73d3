"""Figures about feature maps and what they cost -> plotly figure."""

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go
from PIL import Image

from imgcls.charts import BLUE, ORANGE, ROW, finish

MILLION = 1_000_000
WIDTH = 3  # pixels of the frame around the one that is picked
HEIGHT = 300  # pixels: four rows of six on a laptop's screen, little more than they need on a phone


def map_sheet(sheet: Image.Image, names: Sequence[str], columns: int, picked: int) -> go.Figure:
    """Return the sheet with a mark over each map, which a click or a tap picks.

    Args:
        sheet: as `imgcls.map_pictures.sheet` draws it.
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
    figure.add_shape(type="rect", line={"color": ORANGE, "width": WIDTH}, **frame)
    finish(figure)
    # However far from its middle a map is clicked, it is the nearest mark that is meant.
    figure.update_layout(
        hovermode="closest",
        hoverdistance=-1,
        clickmode="event+select",
        margin={"l": 2, "r": 2, "t": 2, "b": 2},
        height=HEIGHT,
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


def costs(multiply_adds: Mapping[str, int]) -> go.Figure:
    """Return one bar for each convolution, or pair of them: its multiply-adds for one photo."""
    names = [name.replace(" instead", "<br>instead") for name in multiply_adds]
    counts = [count / MILLION for count in multiply_adds.values()]
    figure = go.Figure(
        go.Bar(
            y=names,
            x=counts,
            orientation="h",
            marker={"color": [BLUE] * (len(names) - 1) + [ORANGE]},
            text=[f"{count:,.1f}" for count in counts],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,.1f} million multiply-adds<extra></extra>",
        )
    )
    # Room on the right for the number beside the longest bar.
    figure.update_xaxes(
        title="Million multiply-adds for one photo", range=[0, 1.25 * max(counts)], nticks=5
    )
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=60 + ROW * len(names))
    return finish(figure)
