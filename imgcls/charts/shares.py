"""Shares of photos with their 95 % intervals, one below the other: data frame -> plotly figure."""

import textwrap

import pandas as pd
import plotly.graph_objects as go

from imgcls._utils.formatting import percent
from imgcls.charts.theme import LOOKS, finish, labels

ROW, ROW_OF_TWO = 40, 34  # pixels a share, and a class with two of them
APART = 0.16  # rows: how far the two shares of a class are from its middle
WIDEST, LONGEST = 34, 100  # characters of a line beside the chart, and of a name on several
ROUNDING = 0.05  # the axis begins at a multiple of this


def shares(table: pd.DataFrame, title: str) -> go.Figure:
    """Return a mark with its interval for each share, from the top down.

    The axis begins below the lowest interval: what is compared lies close together.

    Args:
        table: `name`, `share`, `low`, `high` (0-1) and `n` (photos), as
            `imgcls.evaluation.intervals.table`.
        title: of the axis.
    """
    figure = go.Figure()
    _add(figure, table, 0, name="", places=list(range(len(table))))
    figure.update_traces(
        mode="markers+text",
        text=[percent(share) for share in table["share"]],
        textposition="top center",
    )
    return _finish(figure, table["name"].tolist(), title, table["low"].min(), ROW)


def precision_and_recall(table: pd.DataFrame) -> go.Figure:
    """Return precision and recall of each class, each with its interval.

    Args:
        table: as `imgcls.evaluation.metrics.per_class`.
    """
    figure = go.Figure()
    ends = []
    for look, (name, of) in enumerate((("recall", "support"), ("precision", "called"))):
        columns = {name: "share", f"{name}_low": "low", f"{name}_high": "high", of: "n"}
        part = table[list(columns)].rename(columns=columns).assign(name=table.index)
        places = [row + APART * (2 * look - 1) for row in range(len(table))]
        _add(figure, part, look, name=name, places=places)
        ends.append(part["low"].min())
    return _finish(figure, list(table.index), "Share of photos", min(ends), ROW_OF_TWO)


def _add(
    figure: go.Figure, part: pd.DataFrame, look: int, *, name: str, places: list[float]
) -> None:
    colour, _, symbol = LOOKS[look]
    figure.add_scatter(
        x=part["share"],
        y=places,
        error_x={
            "array": part["high"] - part["share"],
            "arrayminus": part["share"] - part["low"],
            "thickness": 1.5,
        },
        mode="markers",
        name=name,
        marker={"color": colour, "symbol": symbol, "size": 9},
        customdata=part[["n", "low", "high"]].assign(name=labels(part["name"])),
        hovertemplate="%{customdata[3]}: "
        + (f"{name} " if name else "")
        + "%{x:.1%} of %{customdata[0]:,} photos (95 % interval %{customdata[1]:.1%} to "
        "%{customdata[2]:.1%})<extra></extra>",
    )


def _finish(figure: go.Figure, names: list[str], title: str, lowest: float, row: int) -> go.Figure:
    # Of no photos there is no share: NaN.
    first = 0.0 if pd.isna(lowest) else max(0.0, (lowest - 0.01) // ROUNDING * ROUNDING)
    room = (1 - first) * 0.04  # for a mark at 100 % and its number
    figure.update_xaxes(title=title, tickformat=".0%", range=[first, 1 + room])
    figure.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[
            "<br>".join(textwrap.wrap(name, WIDEST, break_long_words=False))
            for name in labels(names, LONGEST)
        ],
        range=[len(names) - 0.4, -0.6],
        zeroline=False,
    )
    figure.update_layout(height=90 + row * len(names))
    return finish(figure)
