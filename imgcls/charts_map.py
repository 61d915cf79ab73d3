"""The map of photos, in Altair: of the chart libraries here it alone shows a picture on hover."""

from typing import Any

import altair as alt
import pandas as pd

REGION = "region"  # name of the selection
HEIGHT = 560
FONT: dict[str, Any] = {"fontWeight": "bold", "fontSize": 14}
# Ten colours and five shapes: neighbours in the legend differ in both. The colours are those of
# Petroff (2021), found by measuring how well people, colour-blind ones too, tell them apart.
COLOURS = (
    "#3f90da",
    "#ffa90e",
    "#bd1f01",
    "#94a4a2",
    "#832db6",
    "#a96b59",
    "#e76300",
    "#b9ac70",
    "#717581",
    "#92dadd",
)
SHAPES = ("circle", "square", "triangle-up", "diamond", "cross")


def photo_map(points: pd.DataFrame, names: list[str]) -> alt.LayerChart | alt.FacetChart:
    """Return one mark a photo, coloured by its true class; mistakes have a ring.

    Dragging selects a region: parameter REGION, with the ends of `x` and `y`.

    Args:
        points: `x`, `y`, `class` and `called` (names), `correct`, `file`; with `image` (a data URL)
            a small picture shows on hover.
        names: of the classes, in their order.
    """
    scale = [COLOURS[place % len(COLOURS)] for place in range(len(names))]
    shapes = [SHAPES[place % len(SHAPES)] for place in range(len(names))]
    place: dict[str, Any] = {
        "x": alt.X("x:Q", axis=None, scale=alt.Scale(zero=False)),
        "y": alt.Y("y:Q", axis=None, scale=alt.Scale(zero=False)),
    }
    # Below, so that on a phone the map keeps its width.
    legend = alt.Legend(orient="bottom", columns=5, title=None)
    marks = (
        alt.Chart(points)
        .mark_point(filled=True, size=28, opacity=0.75)
        .encode(
            **place,
            color=alt.Color("class:N", scale=alt.Scale(domain=names, range=scale), legend=legend),
            shape=alt.Shape("class:N", scale=alt.Scale(domain=names, range=shapes), legend=legend),
            tooltip=[name for name in ("image", "class", "called", "file") if name in points],
        )
        .add_params(alt.selection_interval(name=REGION, encodings=["x", "y"]))
    )
    rings = (
        alt.Chart(points[~points["correct"]])
        .mark_point(shape="circle", size=110, strokeWidth=1.5, color="#d62728", filled=False)
        .encode(**place)
    )
    centres = points.groupby("class")[["x", "y"]].median().reset_index()
    # White around black can be read on marks of any colour, and on any background.
    text = alt.Chart(centres).encode(**place, text="class:N")
    halo = text.mark_text(**FONT, stroke="white", strokeWidth=4, strokeJoin="round")
    labels = text.mark_text(**FONT, color="black")
    return alt.layer(marks, rings, halo, labels).properties(height=HEIGHT)
