"""Confusion matrices: data frame -> plotly figure."""

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from imgcls.charts.theme import BLUE, MANY, ORANGE, finish, labels

ROW, THIN = 24, 8  # pixels a class: with numbers in the cells, and without
# What a cell without photos has: it belongs to the background, a light one and a dark one.
EMPTY, JUST = "rgba(128, 128, 128, 0.12)", 1e-6
# How far a cell's colour covers the background. More would leave no contrast of 4.5 to the app's
# text, of which the numbers have the colour (pages/style.css), in one of the themes.
WEAKEST, STRONGEST = 0.3, 0.75


def _covering(colour: str, opacity: float) -> str:
    red, green, blue = hex_to_rgb(colour)
    return f"rgba({red}, {green}, {blue}, {opacity})"


# One hue, the stronger the farther from the background: also ordered when printed.
SHARES = ((0.0, EMPTY), (JUST, _covering(BLUE, WEAKEST)), (1.0, _covering(BLUE, STRONGEST)))
# Orange for fewer, blue for more.
DIFFERENCES = (
    (0.0, _covering(ORANGE, STRONGEST)),
    (0.5 - JUST, _covering(ORANGE, WEAKEST)),
    (0.5, EMPTY),
    (0.5 + JUST, _covering(BLUE, WEAKEST)),
    (1.0, _covering(BLUE, STRONGEST)),
)


def confusion_difference(change: pd.DataFrame) -> go.Figure:
    """Return the difference of two confusion matrices as a heat map of signed counts.

    Args:
        change: as `imgcls.evaluation.phases.Changes.confusion`.
    """
    largest = max(1, int(change.abs().to_numpy().max()))
    figure = go.Figure(
        go.Heatmap(
            z=change,
            x=labels(change.columns),
            y=labels(change.index),
            text=change.map(lambda count: f"{count:+d}" if count else ""),
            texttemplate="%{text}" if len(change) <= MANY else None,
            colorscale=DIFFERENCES,
            zmin=-largest,
            zmax=largest,
            xgap=1,
            ygap=1,
            showscale=False,
            hovertemplate="%{z:+d} photos of %{y} called %{x}<extra></extra>",
        )
    )
    return _as_matrix(figure, len(change))


def confusion_heat_map(counts: pd.DataFrame, *, percent: bool) -> go.Figure:
    """Return the matrix of `imgcls.evaluation.metrics.confusion` as a heat map.

    The colour is the share of the row, so that small classes are as visible as large ones; the
    numbers are counts or, with `percent`, that share.
    """
    photos = counts.sum(axis=1)
    shares = counts.div(photos.where(photos > 0), axis=0).fillna(0.0)
    # A zero is the absence of a confusion; leaving it out lets the others be seen.
    text = (shares * 100).round(1) if percent else counts
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            x=labels(counts.columns),
            y=labels(counts.index),
            text=text.astype(str).where(counts > 0, ""),
            texttemplate="%{text}" if len(counts) <= MANY else None,
            customdata=counts,
            colorscale=SHARES,
            zmin=0,
            zmax=1,
            xgap=1,
            ygap=1,
            showscale=False,
            hovertemplate="%{customdata} photos of %{y} were called %{x}: %{z:.1%} of that row"
            "<extra></extra>",
        )
    )
    return _as_matrix(figure, len(counts))


def _as_matrix(figure: go.Figure, classes: int) -> go.Figure:
    """Name the axes; the first class is on top, as matrices are written."""
    figure.update_xaxes(title="Predicted class", type="category", tickangle=-45, showgrid=False)
    figure.update_yaxes(title="True class", type="category", autorange="reversed", showgrid=False)
    # Of many, plotly names some on the axes, and each under the pointer.
    figure.update_layout(height=200 + (ROW if classes <= MANY else THIN) * classes)
    return finish(figure)
