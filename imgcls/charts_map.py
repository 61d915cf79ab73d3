"""The map of photos as a Vega-Lite chart: of the kinds there are it alone shows a picture on hover.

The charts are plain dictionaries, because importing Altair takes 24 MB of a small server.
"""

from typing import Any

import pandas as pd

REGION = "region"  # name of the selection
HEIGHT = 560
FONT = {"type": "text", "fontWeight": "bold", "fontSize": 14}
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
PLACE = {
    axis: {"field": axis, "type": "quantitative", "axis": None, "scale": {"zero": False}}
    for axis in ("x", "y")
}


def photo_map(points: pd.DataFrame, names: list[str]) -> dict[str, Any]:
    """Return one mark a photo, coloured by its true class; mistakes have a ring.

    Dragging selects a region: parameter REGION, with the ends of `x` and `y`.

    Args:
        points: `x`, `y`, `class` and `called` (names), `correct`, `file`; with `image` (a data URL)
            a small picture shows on hover. The chart takes them as its data.
        names: of the classes, in their order.
    """
    shown = [name for name in ("image", "class", "called", "file") if name in points]
    marks = {
        "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.75},
        "encoding": {
            **PLACE,
            "color": _by_class(names, COLOURS),
            "shape": _by_class(names, SHAPES),
            "tooltip": [{"field": name, "type": "nominal"} for name in shown],
        },
        "params": [{"name": REGION, "select": {"type": "interval", "encodings": ["x", "y"]}}],
    }
    rings = {
        "transform": [{"filter": "!datum.correct"}],
        "mark": {"type": "point", "size": 110, "strokeWidth": 1.5, "color": "#d62728"},
        "encoding": PLACE,
    }
    # White around black can be read on marks of any colour, and on any background.
    halo = {"stroke": "white", "strokeWidth": 4, "strokeJoin": "round"}
    labels = [_labels(points, {**FONT, **look}) for look in (halo, {"color": "black"})]
    return {"height": HEIGHT, "layer": [marks, rings, *labels]}


def _by_class(names: list[str], looks: tuple[str, ...]) -> dict[str, Any]:
    return {
        "field": "class",
        "type": "nominal",
        "scale": {
            "domain": names,
            "range": [looks[place % len(looks)] for place in range(len(names))],
        },
        # Below, so that on a phone the map keeps its width.
        "legend": {"orient": "bottom", "columns": 5, "title": None},
    }


def _labels(points: pd.DataFrame, mark: dict[str, Any]) -> dict[str, Any]:
    centres = points.groupby("class")[["x", "y"]].median().reset_index()
    return {
        "data": {"values": centres.to_dict("records")},
        "mark": mark,
        "encoding": {**PLACE, "text": {"field": "class", "type": "nominal"}},
    }
