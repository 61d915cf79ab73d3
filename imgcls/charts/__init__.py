"""Figures: data frame -> plotly or Vega-Lite."""
