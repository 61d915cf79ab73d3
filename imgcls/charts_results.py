"""Figures about what a run's results are worth: data frame -> plotly figure."""

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts import BLUE, GREEN, GREY, ORANGE, finish

HEIGHT = 380
ACCURACIES = (0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
# Orange for fewer, blue for more.
DIVERGING = ((0.0, ORANGE), (0.5, "#F4F4F4"), (1.0, BLUE))
# Colour, dash and mark: each alone tells the lines apart.
LOOKS = (
    (BLUE, "solid", "circle"),
    (ORANGE, "dash", "square"),
    (GREEN, "dot", "diamond"),
    ("#CC79A7", "dashdot", "triangle-up"),
    ("#E69F00", "longdash", "cross"),
    (GREY, "solid", "x"),
)


def gain(points: pd.DataFrame) -> go.Figure:
    """Return accuracy against the seconds spent, one line a method.

    The upper axis is stretched as the share of mistakes gets small: from 98 % to 99 % half of the
    mistakes go, as they do from 60 % to 80 %.

    Args:
        points: as `imgcls.gain.table`.
    """
    figure = go.Figure()
    for place, (method, line) in enumerate(points.groupby("method", sort=False)):
        colour, dash, symbol = LOOKS[place % len(LOOKS)]
        figure.add_scatter(
            x=line["seconds"],
            y=_mistakes(line["accuracy"]),
            error_y={
                "type": "data",
                "symmetric": False,
                "array": _mistakes(line["low"]) - _mistakes(line["accuracy"]),
                "arrayminus": _mistakes(line["accuracy"]) - _mistakes(line["high"]),
                "thickness": 1,
            },
            name=str(method),
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"symbol": symbol, "size": 9},
            customdata=line[["accuracy", "n"]],
            hovertemplate="%{customdata[0]:.1%} of %{customdata[1]:,} photos after %{x:.1f} s"
            f"<extra>{method}</extra>",
        )
    figure.update_xaxes(
        title="Seconds from the first photo (logarithmic)",
        type="log",
        tickvals=[each * power for power in (1, 10, 100, 1000, 10_000) for each in (1, 2, 5)],
    )
    figure.update_yaxes(
        title="Validation accuracy",
        type="log",
        autorange="reversed",
        tickvals=[1 - accuracy for accuracy in ACCURACIES],
        ticktext=[f"{accuracy:.1%}".replace(".0", "") for accuracy in ACCURACIES],
    )
    figure.update_layout(height=HEIGHT)
    return finish(figure)


def _mistakes(accuracy: "pd.Series[float]") -> "pd.Series[float]":
    # A logarithmic axis has no place for none.
    return (1 - accuracy).clip(lower=1e-4)


def confusion_difference(change: pd.DataFrame) -> go.Figure:
    """Return the difference of two confusion matrices as a heat map of signed counts.

    Args:
        change: as `imgcls.phase_changes.Changes.confusion`.
    """
    largest = max(1, int(change.abs().to_numpy().max()))
    figure = go.Figure(
        go.Heatmap(
            z=change,
            x=list(change.columns),
            y=list(change.index),
            text=change.map(lambda count: f"{count:+d}" if count else ""),
            texttemplate="%{text}",
            colorscale=DIVERGING,
            zmin=-largest,
            zmax=largest,
            xgap=1,
            ygap=1,
            showscale=False,
            hovertemplate="%{z:+d} photos of %{y} called %{x}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Predicted class", type="category", tickangle=-45)
    figure.update_yaxes(title="True class", type="category", autorange="reversed")
    figure.update_layout(height=200 + 24 * len(change))
    return finish(figure)


def curves(histories: Mapping[str, pd.DataFrame], metric: str) -> go.Figure:
    """Return a metric on the validation photos over the epochs, one line a run.

    Args:
        histories: title of a run -> its history, as `imgcls.runs.Run.history`.
        metric: "accuracy" or "loss".
    """
    figure = go.Figure()
    for place, (title, history) in enumerate(histories.items()):
        colour, dash, symbol = LOOKS[place % len(LOOKS)]
        figure.add_scatter(
            x=history["epoch"],
            y=history[f"val_{metric}"],
            name=title,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            hovertemplate="epoch %{x}: %{y:.3f}" + f"<extra>{title}</extra>",
        )
    share = metric == "accuracy"
    figure.update_xaxes(title="Epochs passed", rangemode="tozero")
    figure.update_yaxes(title=f"Validation {metric}", tickformat=".0%" if share else None)
    figure.update_layout(height=HEIGHT)
    finish(figure)
    # Many titles need more room than there is above the plot.
    return figure.update_layout(legend={"y": -0.2, "yanchor": "top"}, showlegend=True)


def precision_at(tables: Mapping[str, pd.DataFrame]) -> go.Figure:
    """Return the share of wrong labels among the photos with the highest loss, one line a run.

    Args:
        tables: name of a run -> as `imgcls.label_noise.precision_at`.
    """
    figure = go.Figure()
    for place, (title, table) in enumerate(tables.items()):
        colour, dash, symbol = LOOKS[place % len(LOOKS)]
        figure.add_scatter(
            x=table["k"],
            y=table["precision"],
            name=title,
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            customdata=table["wrong"],
            hovertemplate="%{customdata:,} of the first %{x:,} are wrong: %{y:.1%}"
            f"<extra>{title}</extra>",
        )
    figure.update_xaxes(
        title="Photos looked at, those with the highest loss first (logarithmic)",
        type="log",
        dtick=1,
        tickformat=",",
    )
    figure.update_yaxes(title="Share with a wrong label", tickformat=".0%", range=[0, 1.05])
    figure.update_layout(height=HEIGHT)
    return finish(figure)
