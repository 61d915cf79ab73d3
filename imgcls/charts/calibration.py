"""Figures about how far answers can be trusted: data frame -> plotly figure."""

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, GREY, ORANGE, finish

HEIGHT = 340
LARGEST = 26  # pixels across, the mark of the range with the most photos


def reliability_diagram(before: pd.DataFrame, after: pd.DataFrame) -> go.Figure:
    """Return accuracy against confidence, before and after calibration.

    Args:
        before: as `imgcls.evaluation.calibration.reliability`.
        after: the same with calibrated probabilities.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1], y=[0, 1], mode="lines", name="perfect", line={"color": GREY, "dash": "dot"}
    )
    for table, name, colour, symbol in (
        (before, "before", ORANGE, "circle-open"),
        (after, "after calibration", BLUE, "circle"),
    ):
        figure.add_scatter(
            x=table["confidence"],
            y=table["accuracy"],
            customdata=table["n"],
            mode="markers",
            name=name,
            marker={
                "symbol": symbol,
                "color": colour,
                "size": table["n"],
                "sizemode": "area",
                "sizeref": 2 * table["n"].max() / LARGEST**2,
                "sizemin": 5,
                "line": {"width": 2},
            },
            hovertemplate="said %{x:.1%}, right %{y:.1%} of %{customdata:,} photos<extra></extra>",
        )
    figure.update_xaxes(title="Probability given to the answer", tickformat=".0%")
    figure.update_yaxes(title="Share that is right", tickformat=".0%", rangemode="tozero")
    # Otherwise a mark of the legend has the size of the first one drawn, hardly to be seen.
    figure.update_layout(height=HEIGHT, legend={"itemsizing": "constant"})
    return finish(figure)


def roc_curve(table: pd.DataFrame, tpr: float) -> go.Figure:
    """Return the true positive rate against the false positive rate, each threshold a point.

    Args:
        table: as `imgcls.evaluation.ood.roc`.
        tpr: the true positive rate chosen, which is marked.
    """
    chosen = table[table["tpr"] >= tpr].iloc[0]
    figure = go.Figure()
    figure.add_scatter(
        x=table["fpr"],
        y=table["tpr"],
        mode="lines",
        name="every threshold",
        line={"color": BLUE},
        hovertemplate="FPR %{x:.1%} at TPR %{y:.1%}<extra></extra>",
    )
    figure.add_scatter(
        x=[chosen["fpr"]],
        y=[chosen["tpr"]],
        mode="markers",
        name="the one chosen",
        marker={"color": ORANGE, "size": 12, "symbol": "diamond"},
        hovertemplate="FPR %{x:.1%} at TPR %{y:.1%}<extra></extra>",
    )
    figure.update_xaxes(
        title="FPR: photos of other classes taken for known", tickformat=".0%", range=[-0.02, 1]
    )
    figure.update_yaxes(
        title="TPR: photos of the classes known", tickformat=".0%", range=[0.5, 1.005]
    )
    figure.update_layout(height=HEIGHT)
    return finish(figure)
