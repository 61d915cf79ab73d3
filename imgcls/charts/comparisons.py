"""Figures that set runs, methods or settings side by side: data frame -> plotly figure."""

from collections.abc import Mapping, Sequence

import pandas as pd
import plotly.graph_objects as go

from imgcls._utils.formatting import percent
from imgcls._utils.names import dataset_title
from imgcls.charts.theme import BLUE, GREY, HEIGHT, LOOKS, ORANGE, finish, label, labels

ACCURACIES = (0.2, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999)
ROOM = 1.3  # times as many mistakes: nearer to the upper end there is no room for a label
COLOURS = (BLUE, ORANGE)  # of the datasets, in order
SYMBOLS = ("circle", "square")
ROW, APART = 74, 0.3  # pixels a way, and how far its two datasets are from each other


def gain(points: pd.DataFrame) -> go.Figure:
    """Return accuracy against the seconds spent, one line a method.

    The upper axis is stretched as the share of mistakes gets small: from 98 % to 99 % half of the
    mistakes go, as they do from 60 % to 80 %.

    Args:
        points: as `imgcls.evaluation.gain.table`.
    """
    # A logarithmic axis has no place for none: it is drawn as half of the fewest that there are.
    shares = 1 - points[["accuracy", "low", "high"]].to_numpy()
    least = shares[shares > 0].min() / 2

    def mistakes(accuracy: "pd.Series[float]") -> "pd.Series[float]":
        return (1 - accuracy).clip(lower=least)

    figure = go.Figure()
    for place, (method, line) in enumerate(points.groupby("method", sort=False)):
        colour, dash, symbol = LOOKS[place % len(LOOKS)]
        figure.add_scatter(
            x=line["seconds"],
            y=mistakes(line["accuracy"]),
            error_y={
                "type": "data",
                "symmetric": False,
                "array": mistakes(line["low"]) - mistakes(line["accuracy"]),
                "arrayminus": mistakes(line["accuracy"]) - mistakes(line["high"]),
                "thickness": 1,
            },
            name=label(str(method)),
            mode="lines+markers",
            line={"color": colour, "dash": dash},
            marker={"symbol": symbol, "size": 9},
            customdata=line[["accuracy", "n"]],
            hovertemplate="%{customdata[0]:.1%} of %{customdata[1]:,} photos after %{x:.1f} s"
            f"<extra>{label(str(method))}</extra>",
        )
    figure.update_xaxes(
        title="Seconds from the first photo (logarithmic)",
        type="log",
        tickvals=[each * power for power in (1, 10, 100, 1000, 10_000) for each in (1, 2, 5)],
    )
    named = [accuracy for accuracy in ACCURACIES if 1 - accuracy > ROOM * least]
    figure.update_yaxes(
        title="Validation accuracy",
        type="log",
        autorange="reversed",
        tickvals=[*(1 - accuracy for accuracy in named), least],
        ticktext=[*(f"{accuracy:.1%}".replace(".0", "") for accuracy in named), "100%"],
    )
    figure.update_layout(height=HEIGHT)
    return finish(figure)


def precision_at_k(tables: Mapping[str, pd.DataFrame]) -> go.Figure:
    """Return the share of wrong labels among the photos with the highest loss, one line a run.

    Args:
        tables: name of a run -> as `imgcls.evaluation.metrics.precision_at_k`.
    """
    figure = go.Figure()
    for place, (title, table) in enumerate(zip(labels(tables), tables.values(), strict=True)):
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
        title="Photos looked at, highest loss first (logarithmic)",
        type="log",
        dtick=1,
        tickformat=",",
    )
    figure.update_yaxes(title="Share with a wrong label", tickformat=".0%", range=[0, 1.05])
    figure.update_layout(height=HEIGHT)
    return finish(figure)


def accuracies(table: pd.DataFrame, ways: Sequence[str], datasets: Sequence[str]) -> go.Figure:
    """Return a mark with its 95 % interval for each way of classifying each dataset.

    Args:
        table: as `imgcls.lesson.limits.table`.
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
            name=dataset_title(dataset),
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
        histories: (name of the dataset, name of the network) -> `imgcls.runs.run.Run.history`. The
            first network is drawn solid, others dashed.
        datasets: in the order of their colours.
    """
    figure = go.Figure()
    networks = list(dict.fromkeys(network for _, network in histories))
    for (dataset, network), history in histories.items():
        place, name = datasets.index(dataset), f"{dataset_title(dataset)}, {network}"
        figure.add_scatter(
            x=history["epoch"],
            y=history["val_accuracy"],
            mode="lines+markers",
            name=name,
            line={"color": COLOURS[place], "dash": "dot" if networks.index(network) else "solid"},
            marker={"symbol": SYMBOLS[place], "size": 8},
            hovertemplate=f"epoch %{{x}}: %{{y:.1%}}<extra>{name}</extra>",
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


def photos_per_class(table: pd.DataFrame, wanted: float, chosen: int) -> go.Figure:
    """Return the accuracy against the number of training photos a class, a line a way.

    Args:
        table: as `imgcls.lesson.small_data.learning_curves`.
        wanted: accuracy, 0-1, that gets a line across.
        chosen: photos a class, marked by a line from the bottom up.
    """
    figure = go.Figure()
    for place, (_, part) in enumerate(table.groupby("method", sort=False)):
        color, dash, symbol = LOOKS[place % len(LOOKS)]
        name = part["name"].iloc[0]
        figure.add_scatter(
            x=part["photos_per_class"],
            y=part["accuracy"],
            error_y={
                "array": part["high"] - part["accuracy"],
                "arrayminus": part["accuracy"] - part["low"],
                "thickness": 1,
            },
            mode="lines+markers",
            name=name,
            line={"color": color, "dash": dash},
            marker={"symbol": symbol, "size": 8},
            customdata=part[["seeds", "lowest", "highest"]],
            hovertemplate="%{x} photos a class: %{y:.1%}, mean of %{customdata[0]} draws "
            "(%{customdata[1]:.1%} to %{customdata[2]:.1%})<extra>" + name + "</extra>",
        )
    sizes = sorted(set(table["photos_per_class"]))
    figure.add_hline(wanted, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.add_vline(chosen, line={"color": GREY, "width": 1, "dash": "dot"})
    figure.update_xaxes(
        title="Training photos a class (logarithmic)", type="log", tickvals=sizes, ticktext=sizes
    )
    figure.update_yaxes(
        title="Accuracy on held-out photos", tickformat=".0%", range=[0, 1.04], dtick=0.1
    )
    # Names as long as these need lines of their own, and room below.
    return finish(figure).update_layout(
        height=HEIGHT + 2 * ROW, legend={"y": -0.2, "yanchor": "top"}, margin={"t": 8}
    )
