"""Figures about what transfers and what does not: data frame -> plotly figure."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts import BLUE, GREY, ORANGE, finish
from imgcls.wording import percent

COLOURS = (BLUE, ORANGE)  # of the datasets, in order
SYMBOLS = ("circle", "square")
ROW, APART = 74, 0.3  # pixels a way, and how far its two datasets are from each other


def accuracies(table: pd.DataFrame, ways: Sequence[str], datasets: Sequence[str]) -> go.Figure:
    """Return a mark with its 95 % interval for each way of classifying each dataset.

    Args:
        table: as `imgcls.transfer.table`.
        ways: from the top down.
        datasets: in the order of their colours.
    """
    first = table["low"].min() // 0.1 * 0.1 - 0.05
    figure = go.Figure()
    for place, dataset in enumerate(datasets):
        part = table[table["dataset"] == dataset]
        figure.add_scatter(
            x=part["accuracy"],
            y=[ways.index(way) + APART * (place - 0.5) for way in part["way"]],
            error_x={
                "array": part["high"] - part["accuracy"],
                "arrayminus": part["accuracy"] - part["low"],
            },
            mode="markers+text",
            text=[percent(accuracy) for accuracy in part["accuracy"]],
            textposition=("top center", "bottom center")[place],
            name=dataset,
            marker={"color": COLOURS[place], "symbol": SYMBOLS[place], "size": 11},
            customdata=part[["way", "n", "low", "high"]],
            hovertemplate="%{customdata[0]}: %{x:.1%} of %{customdata[1]:,} validation photos "
            "(%{customdata[2]:.1%} to %{customdata[3]:.1%})<extra></extra>",
        )
    figure.update_xaxes(title="Validation accuracy", tickformat=".0%", range=[first, 1.04])
    figure.update_yaxes(
        tickvals=list(range(len(ways))),
        ticktext=[way.replace(", ", ",<br>").replace(" by ", "<br>by ") for way in ways],
        range=[len(ways) - 0.4, -0.6],
        zeroline=False,
    )
    figure.update_layout(height=90 + ROW * len(ways))
    return finish(figure)


def curves(histories: Mapping[tuple[str, str], pd.DataFrame], datasets: Sequence[str]) -> go.Figure:
    """Return the validation accuracy over the epochs, a line a run.

    Args:
        histories: (name of the dataset, name of the network) -> `imgcls.runs.Run.history`. The
            first network is drawn solid, others dashed.
        datasets: in the order of their colours.
    """
    figure = go.Figure()
    networks = list(dict.fromkeys(network for _, network in histories))
    for (dataset, network), history in histories.items():
        place = datasets.index(dataset)
        figure.add_scatter(
            x=history["epoch"],
            y=history["val_accuracy"],
            mode="lines+markers",
            name=f"{dataset}, {network}",
            line={"color": COLOURS[place], "dash": "dot" if networks.index(network) else "solid"},
            marker={"symbol": SYMBOLS[place], "size": 8},
            hovertemplate=f"epoch %{{x}}: %{{y:.1%}}<extra>{dataset}, {network}</extra>",
        )
    begins = {
        int(history.loc[history["phase"] == 1, "epoch"].max())
        for history in histories.values()
        if history["phase"].nunique() > 1
    }
    for epoch in begins:
        figure.add_vline(
            x=epoch,
            line={"color": GREY, "width": 1, "dash": "dash"},
            annotation={
                "text": "phase 2 begins (MobileNetV2)",
                "yanchor": "bottom",
                "y": 0,
                "xanchor": "left",
            },
        )
    figure.update_xaxes(title="Epochs passed", dtick=1)
    figure.update_yaxes(title="Validation accuracy", tickformat=".0%", range=[0, 1.02])
    return finish(figure)
