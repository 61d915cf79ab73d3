"""A sweep: data frame -> plotly figure."""

import pandas as pd
import plotly.graph_objects as go

from imgcls.charts.theme import BLUE, ORANGE, finish, labels

ROW, AROUND = 44, 110  # pixels a setting, and above and below them all
LONGEST = 60  # characters of a setting, which has a line for each part


def accuracies(runs: pd.DataFrame, rows: pd.DataFrame) -> go.Figure:
    """Return the test accuracy of each run, and the mean of each setting, a row a setting.

    Args:
        runs: as `imgcls.evaluation.sweeps.table`.
        rows: as `imgcls.evaluation.sweeps.over_seeds`.
    """
    places = {setting: place for place, setting in enumerate(rows["setting"])}
    figure = go.Figure()
    figure.add_scatter(
        x=runs["test_accuracy"],
        y=runs["setting"].map(places),
        mode="markers",
        name="a run",
        marker={"color": BLUE, "size": 9, "opacity": 0.75},
        customdata=list(zip(labels(runs["run"]), runs["test_n"], strict=True)),
        hovertemplate="%{customdata[0]}: %{x:.1%} of %{customdata[1]:,} test photos<extra></extra>",
    )
    figure.add_scatter(
        x=rows["test_mean"],
        y=rows["setting"].map(places),
        mode="markers",
        name="mean of its seeds",
        marker={"color": ORANGE, "size": 16, "symbol": "line-ns-open", "line": {"width": 3}},
        customdata=rows[["runs"]],
        hovertemplate="mean of %{customdata[0]} runs: %{x:.1%}<extra></extra>",
    )
    figure.update_xaxes(title="Test accuracy", tickformat=".1~%")
    figure.update_yaxes(
        tickvals=list(places.values()),
        ticktext=[text.replace(", ", ",<br>") for text in labels(places, LONGEST)],
        range=[len(places) - 0.5, -0.5],
        zeroline=False,
    )
    figure.update_layout(height=AROUND + ROW * len(places))
    return finish(figure)
