"""Tables as Streamlit draws them."""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from imgcls._utils.names import printable

ROWS = 20  # of a table that is drawn in full


def readable(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its names, in columns, in the index and as heads, as they may be shown.

    A name in no known encoding could not even be sent to the browser.
    """
    shown = table.rename(index=_readable, columns=_readable)
    return shown.map(_readable)


def percent_column(title: str) -> Any:
    """Return how Streamlit shall draw a column of percentages, 0-100."""
    return st.column_config.NumberColumn(title, format="%.1f %%")


def table_height(table: pd.DataFrame) -> Literal["content", "auto"]:
    """Return how high Streamlit shall draw a table: all of it, or with many rows a part."""
    return "content" if len(table) <= ROWS else "auto"


def _readable(value: object) -> object:
    return printable(value) if isinstance(value, str) else value
