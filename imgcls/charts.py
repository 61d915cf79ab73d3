"""The look that all figures share, and the figures about photos: data frame -> plotly figure.

The colours are those of Okabe and Ito (2008) that stand out on white as well as on black and that
colour-blind people can tell apart. Fonts, axes and background are left to the app's theme.
"""

from collections.abc import Sequence

import pandas as pd
import plotly.graph_objects as go

from imgcls.wording import chance

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
GREY = "#808080"
BLUES = ((0.0, "#EAF2F8"), (1.0, BLUE))  # one hue from light to dark: also ordered when printed
ROW = 34  # pixels a bar needs to have a readable name beside it
SPLIT_COLOURS = {"train": BLUE, "validation": ORANGE, "test": GREEN}


def class_counts(counts: pd.DataFrame) -> go.Figure:
    """Return the number of photos: one bar a class, one part of it a split.

    Args:
        counts: one row a class, with its name as the index; one column a split.
    """
    figure = go.Figure()
    for split in counts.columns:
        figure.add_bar(
            y=list(counts.index),
            x=counts[split],
            name=split,
            orientation="h",
            marker={"color": SPLIT_COLOURS.get(split, GREY)},
            hovertemplate=f"%{{y}}: %{{x:,}} {split} photos<extra></extra>",
        )
    figure.update_layout(
        barmode="stack",
        height=110 + ROW * len(counts),
        legend={"traceorder": "normal"},  # the order of the parts of a bar
    )
    figure.update_xaxes(title="Photos", tickformat=",")
    # The first class on top, in the order of the table beside it.
    figure.update_yaxes(type="category", autorange="reversed")
    return finish(figure)


def probability_bars(top: Sequence[tuple[str, float]]) -> go.Figure:
    """Return one bar a class for the most probable ones, (name, probability) from the top down."""
    names, shares = [name for name, _ in top], [share for _, share in top]
    figure = go.Figure(
        go.Bar(
            y=names,
            x=shares,
            orientation="h",
            marker={"color": [BLUE] + [GREY] * (len(top) - 1)},
            text=[chance(share) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:.2%}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Probability", range=[0, 1], tickformat=".0%", tickvals=[0, 0.5, 1])
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=60 + ROW * len(top))
    # Room on the right for the number beside a full bar, in pixels: charts can be narrow.
    return finish(figure).update_layout(margin={"r": 76})


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


def finish(figure: go.Figure) -> go.Figure:
    """Set what all figures have in common and return the figure."""
    figure.update_layout(
        # Room above is for the legend.
        margin={"l": 8, "r": 8, "t": 32 if len(figure.data) > 1 else 8, "b": 8},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "title": None},
        # A finger that scrolls down a page would zoom the chart instead.
        dragmode=False,
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
