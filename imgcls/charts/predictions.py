"""Figures about one prediction."""

from collections.abc import Sequence

import plotly.graph_objects as go

from imgcls._utils.formatting import chance
from imgcls.charts.theme import BLUE, GREY, ROW, finish, labels

SHORT = 20  # characters of a name: three of these charts stand beside each other


def probability_bars(top: Sequence[tuple[str, float]], step: float = 0.001) -> go.Figure:
    """Return one bar a class for the most probable ones.

    Args:
        top: (name, probability), from the top down.
        step: the difference between probabilities that is worth telling, 0-1.
    """
    names, shares = labels((name for name, _ in top), SHORT), [share for _, share in top]
    figure = go.Figure(
        go.Bar(
            y=names,
            x=shares,
            orientation="h",
            marker={"color": [BLUE] + [GREY] * (len(top) - 1)},
            text=[chance(share, step) for share in shares],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    figure.update_xaxes(title="Probability", range=[0, 1], tickformat=".0%", tickvals=[0, 0.5, 1])
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(height=60 + ROW * len(top))
    # Room on the right for the number beside a full bar, in pixels: charts can be narrow.
    return finish(figure).update_layout(margin={"r": 76})
