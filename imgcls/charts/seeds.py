"""Trainings that differ in their seed: data frame -> plotly figure."""

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, GREY, ORANGE, finish

HEIGHT = 220  # pixels


def accuracies(table: pd.DataFrame, chosen: pd.DataFrame) -> go.Figure:
    """Return a mark for the validation accuracy of each training, a row a recipe.

    Args:
        table: as `imgcls.lesson.seeds.measured`.
        chosen: rows of it that count, whose mean is marked; the others are grey.
    """
    figure = go.Figure()
    others = table.drop(chosen.index)
    for rows, colour, name in ((others, GREY, "left out"), (chosen, BLUE, "a training")):
        figure.add_scatter(
            x=rows["val_accuracy"],
            y=rows["preset"],
            mode="markers",
            name=name,
            marker={"color": colour, "size": 12, "opacity": 0.8},
            customdata=rows[["seed", "val_n"]],
            hovertemplate="seed %{customdata[0]}: %{x:.2%} of %{customdata[1]:,} validation photos"
            "<extra></extra>",
        )
    means = chosen.groupby("preset", sort=False)["val_accuracy"].mean()
    figure.add_scatter(
        x=means,
        y=means.index,
        mode="markers",
        name="their mean",
        marker={"color": ORANGE, "size": 26, "symbol": "line-ns-open", "line": {"width": 3}},
        hovertemplate="mean %{x:.2%}<extra></extra>",
    )
    low, high = table["val_accuracy"].min(), table["val_accuracy"].max()
    room = (high - low) / 10
    figure.update_xaxes(
        title="Validation accuracy", tickformat=".1~%", range=[low - room, high + room]
    )
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=HEIGHT)
    return finish(figure)
