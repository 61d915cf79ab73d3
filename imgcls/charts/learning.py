"""Accuracy against the number of photos to learn from: data frame -> plotly figure."""

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, HEIGHT, finish


def accuracy_against_photos(points: pd.DataFrame) -> go.Figure:
    """Return a line with 95 % intervals.

    Args:
        points: `photos` a class, `accuracy` (0-1), and the ends of its interval, `low` and `high`.
    """
    figure = go.Figure(
        go.Scatter(
            x=points["photos"],
            y=points["accuracy"],
            mode="lines+markers",
            line={"color": BLUE},
            marker={"size": 9},
            error_y={
                "array": points["high"] - points["accuracy"],
                "arrayminus": points["accuracy"] - points["low"],
            },
            hovertemplate="%{x:.0f} photos a class: %{y:.1%}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Different photos a class learned from", rangemode="tozero")
    figure.update_yaxes(title="Accuracy", tickformat=".0%", range=[0, 1.05])
    figure.update_layout(height=HEIGHT)
    return finish(figure)
