"""The look that all figures share, and the figures about photos: data frame -> plotly figure.

The colours are those of Okabe and Ito (2008) that stand out on white as well as on black and that
colour-blind people can tell apart. Fonts, axes and background are left to the app's theme.
"""

from collections.abc import Iterable
from html import escape

import plotly.graph_objects as go

from imgcls._utils.names import printable, shortened

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
GREY = "#808080"
ROW = 34  # pixels a bar needs to have a readable name beside it
HEIGHT = 380
LONGEST = 32  # characters of a name beside a chart: more would leave no room for it on a phone
MANY = 20  # classes: no colours tell more of them apart, and no screen holds a row for each
SIGNS = str.maketrans({"%": "&#37;", "$": "&#36;"})
# Colour, dash and mark: each alone tells the lines apart.
LOOKS = (
    (BLUE, "solid", "circle"),
    (ORANGE, "dash", "square"),
    (GREEN, "dot", "diamond"),
    ("#CC79A7", "dashdot", "triangle-up"),
    ("#E69F00", "longdash", "cross"),
    (GREY, "solid", "x"),
    ("#56B4E9", "longdashdot", "star"),
)


def labels(names: Iterable[str], longest: int = LONGEST) -> list[str]:
    """Return names as plotly shows them: as text, not too long, and each another one.

    Plotly reads labels and what lies under the pointer as a kind of HTML, `%{` as a place to fill,
    `$` as TeX, and two categories with one name as the same.
    """
    shown: list[str] = []
    for name in names:
        short = shortened(printable(name), longest)
        label, number = short, 1
        while label in shown:
            number += 1
            label = f"{short} ({number})"
        shown.append(label)
    return [escape(label, quote=False).translate(SIGNS) for label in shown]


def label(name: str) -> str:
    """Return one name as `labels` does."""
    return labels([name])[0]


def finish(figure: go.Figure) -> go.Figure:
    """Set what all figures have in common and return the figure."""
    figure.update_layout(
        # Room above is for the legend.
        margin={"l": 8, "r": 8, "t": 32 if len(figure.data) > 1 else 8, "b": 8},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "title": None},
        # Cut, an escaped character would become something else.
        hoverlabel={"namelength": -1},
        # A finger that scrolls down a page would zoom the chart instead.
        dragmode=False,
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
