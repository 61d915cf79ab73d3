"""The map of photos, as a Vega-Lite and as a plotly chart."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, GREEN, GREY, MANY, ORANGE, finish, labels

REGION = "region"  # name of the selection
HEIGHT = 560
PHONE, MARK, LETTER = 360, 30, 6  # pixels: of the screen, of a mark, of a letter
COLUMNS = 5
SMALL, LARGE = 28, 110  # square pixels of a mark
FONT = {"type": "text", "fontWeight": "bold", "fontSize": 14, "limit": 300}
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
PLACES_HEIGHT = 460  # pixels, of the chart with a photo's places
# Symbol, colour and pixels of the places, in order: both are seen when they are the same.
MARKS = (("circle-open", ORANGE, 22), ("diamond", BLUE, 13))


def photo_map(
    points: pd.DataFrame, names: list[str], coloured: str | None = None
) -> dict[str, Any]:
    """Return one mark a photo, coloured by its true class; mistakes have a ring.

    Dragging selects a region: parameter REGION, with the ends of `x` and `y`.

    Args:
        points: `x`, `y`, `class` and `called` (names), `correct`, `file`; with `image` (a data URL)
            a small picture shows on hover. The chart takes them as its data.
        names: of the classes, in their order.
        coloured: name of the one class that stands out, the others being grey: with more than MANY
            neither colours nor names could be told apart.
    """
    if coloured is None:
        looks = {"color": _by_class(names, COLOURS), "shape": _by_class(names, SHAPES)}
    else:
        its_own = {"field": "class", "equal": coloured}
        looks = {
            "color": {"condition": {"test": its_own, "value": BLUE}, "value": GREY},
            "size": {"condition": {"test": its_own, "value": LARGE}, "value": SMALL},
            "order": {"condition": {"test": its_own, "value": 1}, "value": 0},  # above the others
        }
    shown = [name for name in ("image", "class", "called", "file") if name in points]
    marks = {
        "mark": {"type": "point", "filled": True, "size": SMALL, "opacity": 0.75},
        "encoding": {
            **PLACE,
            **looks,
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
    named = points if coloured is None else points[points["class"] == coloured]
    font = FONT if coloured is None else {**FONT, "dy": -16}  # above, where it hides no mark
    labels = [_labels(named, {**font, **look}) for look in (halo, {"color": "black"})]
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
        "legend": {"orient": "bottom", "columns": _columns(names), "title": None},
    }


def _columns(names: list[str]) -> int:
    """Return how many names stand side by side on a phone."""
    return max(1, min(COLUMNS, PHONE // (MARK + LETTER * max(map(len, names)))))


def _labels(points: pd.DataFrame, mark: dict[str, Any]) -> dict[str, Any]:
    centres = points.groupby("class")[["x", "y"]].median().reset_index()
    return {
        "data": {"values": centres.to_dict("records")},
        "mark": mark,
        "encoding": {**PLACE, "text": {"field": "class", "type": "nominal"}},
    }


def photo_on_map(
    photos: pd.DataFrame,
    names: Sequence[str],
    shown: str,
    places: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """Return a dot for each photo, the names of the classes where their photos are, and places.

    Args:
        photos: as `imgcls.evaluation.photo_map.PhotoMap.photos`.
        names: of the classes, in the order of the labels.
        shown: name of the class whose photos are coloured.
        places: for one or two networks, name -> where one more photo belongs.
    """
    figure = go.Figure()
    chosen = photos["label"] == names.index(shown)
    titles = labels(names)
    for rows, colour, name in (
        (~chosen, GREY, "other classes"),
        (chosen, GREEN, titles[names.index(shown)]),
    ):
        part = photos[rows]
        figure.add_scatter(
            x=part["x"],
            y=part["y"],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 4, "opacity": 0.4},
            text=[titles[label] for label in part["label"]],
            hovertemplate="training photo of %{text}<extra></extra>",
        )
    # At the upper edge of the class's photos, where it hides few of them.
    for label, name in enumerate(titles):
        part = photos[photos["label"] == label]
        if not part.empty and (len(names) <= MANY or names[label] == shown):
            figure.add_annotation(
                x=part["x"].median(),
                y=part["y"].quantile(0.97),
                text=f"<b>{name}</b>",
                showarrow=False,
                yshift=8,
            )
    for (name, (x, y)), (symbol, colour, size) in zip(places.items(), MARKS, strict=False):
        figure.add_scatter(
            x=[x],
            y=[y],
            mode="markers",
            name=name,
            marker={
                "color": colour,
                "symbol": symbol,
                "size": size,
                "line": {"width": 4 if symbol.endswith("open") else 0},
            },
            hovertemplate=f"this photo, {name}<extra></extra>",
        )
    figure.update_xaxes(title="First direction of the map (no unit)", showticklabels=False)
    figure.update_yaxes(title="Second direction (no unit)", showticklabels=False)
    figure.update_layout(height=PLACES_HEIGHT)
    return finish(figure)
