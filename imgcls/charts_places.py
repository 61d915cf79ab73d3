"""The map of photos with a photo's place on it before and after fine-tuning -> plotly figure."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts import BLUE, GREEN, GREY, ORANGE, finish

HEIGHT = 460
# Symbol, colour and pixels of the places, in order: both are seen when they are the same.
MARKS = (("circle-open", ORANGE, 22), ("diamond", BLUE, 13))


def photo_map(
    photos: pd.DataFrame,
    names: Sequence[str],
    shown: str,
    places: Mapping[str, tuple[float, float]],
) -> go.Figure:
    """Return a dot for each photo, the names of the classes where their photos are, and places.

    Args:
        photos: as `imgcls.photo_map.PhotoMap.photos`.
        names: of the classes, in the order of the labels.
        shown: name of the class whose photos are coloured.
        places: for one or two networks, name -> where one more photo belongs.
    """
    figure = go.Figure()
    chosen = photos["label"] == names.index(shown)
    for rows, colour, name in ((~chosen, GREY, "other classes"), (chosen, GREEN, shown)):
        part = photos[rows]
        figure.add_scatter(
            x=part["x"],
            y=part["y"],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 4, "opacity": 0.4},
            text=[names[label] for label in part["label"]],
            hovertemplate="training photo of %{text}<extra></extra>",
        )
    # At the upper edge of the class's photos, where it hides few of them.
    for label, name in enumerate(names):
        part = photos[photos["label"] == label]
        if not part.empty:
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
    figure.update_layout(height=HEIGHT)
    return finish(figure)
