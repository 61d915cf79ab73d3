"""Figures about training and its results: data frame -> plotly figure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, GREY, HEIGHT, LOOKS, ORANGE, finish, labels
from imgcls.config import Phase

AXES = {"accuracy": "Accuracy (share of photos)", "loss": "Loss (cross-entropy)"}
FORMATS = {"accuracy": ".1%", "loss": ".3f"}
# Around values that are all the same plotly's own axis would reach from -50 to 200 %.
SCALES: dict[str, dict[str, Any]] = {
    "accuracy": {"tickformat": ".0%", "autorangeoptions": {"clipmin": 0, "clipmax": 1.02}},
    "loss": {},
}


def curves(histories: Mapping[str, pd.DataFrame], metric: str) -> go.Figure:
    """Return a metric on the validation photos over the epochs, one line a run.

    Args:
        histories: title of a run -> its history, as `imgcls.runs.run.Run.history`.
        metric: "accuracy" or "loss".
    """
    figure = go.Figure()
    for place, (title, history) in enumerate(
        zip(labels(histories), histories.values(), strict=True)
    ):
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
    figure.update_xaxes(title="Epochs passed", rangemode="tozero")
    figure.update_yaxes(title=f"Validation {metric}", **SCALES[metric])
    figure.update_layout(height=HEIGHT)
    finish(figure)
    # Many titles need more room than there is above the plot.
    return figure.update_layout(legend={"y": -0.2, "yanchor": "top"}, showlegend=True)


def learning_curve(
    history: pd.DataFrame,
    metric: str,
    phases: Sequence[Phase],
    *,
    paper: pd.DataFrame | None = None,
    steps: pd.DataFrame | None = None,
) -> go.Figure:
    """Return a metric over the epochs, on training and on validation photos.

    Args:
        history: one row an epoch, as `imgcls.runs.run.Run.history`.
        metric: "accuracy" or "loss".
        phases: all phases of the recipe, the ones to come included: they make the axis.
        paper: the paper's figures in the same columns, drawn as open marks.
        steps: the curve within the epochs, as `imgcls.runs.events.Progress.steps`.
    """
    figure = go.Figure()
    if steps is not None and not steps.empty:
        # Each epoch counts anew: no line leads from the end of one to the start of the next.
        epochs = [part for _, part in steps.groupby(np.ceil(steps["epochs"]))]
        apart = pd.concat([part for epoch in epochs for part in (epoch, pd.DataFrame([{}]))])
        figure.add_scatter(
            x=apart["epochs"],
            y=apart[metric],
            name="training, within the epoch",
            mode="lines",
            line={"color": BLUE, "width": 1},
            hovertemplate=f"%{{y:{FORMATS[metric]}}} after %{{x:.2f}} epochs<extra></extra>",
        )
    series = [
        ("training", metric, BLUE, "circle"),
        ("validation", f"val_{metric}", ORANGE, "square"),
    ]
    for photos, column, colour, symbol in series:
        figure.add_scatter(
            x=history["epoch"],
            y=history[column],
            name=photos,
            mode="lines+markers",
            line={"color": colour, "width": 2},
            marker={"symbol": symbol, "size": 8},
            hovertemplate=f"epoch %{{x}}: %{{y:{FORMATS[metric]}}}<extra>{photos}</extra>",
        )
        if paper is not None:
            figure.add_scatter(
                x=paper["epoch"],
                y=paper[column],
                name=f"paper, {photos}",
                mode="markers",
                marker={
                    "symbol": f"{symbol}-open",
                    "size": 13,
                    "color": colour,
                    "line": {"width": 2},
                },
                hovertemplate=f"epoch %{{x}}: %{{y}}<extra>paper, {photos}</extra>",
            )
    _mark_phases(figure, phases)
    figure.update_yaxes(title=AXES[metric], **SCALES[metric])
    if history.empty and (steps is None or steps.empty):
        figure.update_yaxes(range=[0, 1])  # plotly's own would begin below zero
    finish(figure)
    # Above the plot are the names of the phases.
    return figure.update_layout(legend={"y": -0.2, "yanchor": "top"})


def describe_curve(history: pd.DataFrame, metric: str) -> str:
    """Return in words what `learning_curve` shows, for those who cannot see it."""
    if history.empty:
        return f"{metric.capitalize()} per epoch; no epoch is over yet."
    first, last = history.iloc[0], history.iloc[-1]
    ranges = [
        f"{photos} from {first[column]:{FORMATS[metric]}} to {last[column]:{FORMATS[metric]}}"
        for photos, column in (("training", metric), ("validation", f"val_{metric}"))
    ]
    return (
        f"{metric.capitalize()} per epoch, epochs {first['epoch']:.0f} to {last['epoch']:.0f}: "
        + ", ".join(ranges)
    )


def _mark_phases(figure: go.Figure, phases: Sequence[Phase]) -> None:
    """Draw the epochs axis, with a line where a phase begins and its name above."""
    first = 0
    for phase in phases:
        if first:
            figure.add_vline(x=first, line={"color": GREY, "width": 1, "dash": "dash"})
        # At the two ends: in the middle of a short phase a name would not fit.
        figure.add_annotation(
            x=1 if first else 0,
            xref="paper",
            xanchor="right" if first else "left",
            y=1,
            yref="paper",
            yanchor="bottom",
            text=f"phase {phase.number}: {phase.name}",
            showarrow=False,
        )
        first += phase.epochs
    figure.update_xaxes(title="Epochs passed", range=[0, first * 1.03], rangemode="tozero")
    if first <= 12:  # noqa: PLR2004  more ticks than that collide on a phone
        figure.update_xaxes(dtick=1)
