"""Figures about photos and classes: data frame -> plotly figure."""

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, GREEN, GREY, MANY, ORANGE, ROW, finish, labels

SPLIT_COLOURS = {"train": BLUE, "validation": ORANGE, "test": GREEN}

THIN = 16  # pixels a bar where there are many


def class_counts(counts: pd.DataFrame) -> go.Figure:
    """Return the number of photos: one bar a class, one part of it a split.

    Args:
        counts: one row a class, with its name as the index; one column a split.
    """
    figure = go.Figure()
    for split in counts.columns:
        figure.add_bar(
            y=labels(counts.index),
            x=counts[split],
            name=split,
            orientation="h",
            marker={"color": SPLIT_COLOURS.get(split, GREY)},
            hovertemplate=f"%{{y}}: %{{x:,}} {split} photos<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=110 + (ROW if len(counts) <= MANY else THIN) * len(counts),
        legend={"traceorder": "normal"},  # the order of the parts of a bar
    )
    figure.update_xaxes(title="Photos", tickformat=",")
    # The first class on top, in the order of the table beside it.
    figure.update_yaxes(type="category", autorange="reversed")
    return finish(figure)


def photo_sizes(table: pd.DataFrame) -> go.Figure:
    """Return one mark a size of photo, the larger the more photos have it.

    Args:
        table: one row a photo, with `width` and `height` in pixels.
    """
    sizes = table.groupby(["width", "height"]).size().rename("photos").reset_index()
    figure = go.Figure(
        go.Scatter(
            x=sizes["width"],
            y=sizes["height"],
            customdata=sizes["photos"],
            mode="markers",
            marker={
                "color": BLUE,
                "opacity": 0.6,
                "size": sizes["photos"],
                "sizemode": "area",
                "sizeref": 2 * sizes["photos"].max() / 40**2,  # the largest is 40 pixels across
                "sizemin": 3,
            },
            hovertemplate="%{x} x %{y} pixels: %{customdata:,} photos<extra></extra>",
        )
    )
    figure.update_xaxes(title="Width in pixels", rangemode="tozero")
    figure.update_yaxes(title="Height in pixels", rangemode="tozero")
    return finish(figure)
