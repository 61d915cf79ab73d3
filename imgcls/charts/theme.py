"""The look that all figures share, and the figures about photos: data frame -> plotly figure.

The colours are those of Okabe and Ito (2008) that stand out on white as well as on black and that
colour-blind people can tell apart. Fonts, axes and background are left to the app's theme.
"""

import plotly.graph_objects as go

BLUE, ORANGE, GREEN = "#0072B2", "#D55E00", "#009E73"
GREY = "#808080"
BLUES = ((0.0, "#EAF2F8"), (1.0, BLUE))  # one hue from light to dark: also ordered when printed
ROW = 34  # pixels a bar needs to have a readable name beside it
HEIGHT = 380
# Colour, dash and mark: each alone tells the lines apart.
LOOKS = (
    (BLUE, "solid", "circle"),
    (ORANGE, "dash", "square"),
    (GREEN, "dot", "diamond"),
    ("#CC79A7", "dashdot", "triangle-up"),
    ("#E69F00", "longdash", "cross"),
    (GREY, "solid", "x"),
)


def finish(figure: go.Figure) -> go.Figure:
    """Set what all figures have in common and return the figure."""
    figure.update_layout(
        # Room above is for the legend.
        margin={"l": 8, "r": 8, "t": 32 if len(figure.data) > 1 else 8, "b": 8},
        legend={"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "title": None},
        # A finger that scrolls down a page would zoom the chart instead.
        dragmode=False,
    )
    figure.update_xaxes(automargin=True)
    figure.update_yaxes(automargin=True)
    return figure
