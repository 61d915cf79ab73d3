"""Tables as Streamlit draws them."""

from typing import Any, Literal

import pandas as pd
import streamlit as st

from imgcls._utils.names import printable
from pages.components.text import as_text

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


def show_faults(faults: pd.DataFrame, alt: str) -> None:
    """Show files beside what is wrong with each.

    Args:
        faults: names in the first column, sentences in the second. A few are a list, whose lines
            break: on a phone a table would cut the sentences off.
        alt: what the table shows.
    """
    if len(faults) > ROWS:
        st.dataframe(readable(faults), hide_index=True, alt=alt)
        return
    told = faults.itertuples(index=False)
    st.markdown("\n".join(f"- **{as_text(name)}**: {as_text(why)}" for name, why in told))


def show_in_full(table: pd.DataFrame, alt: str) -> None:
    """Show a small table of texts whose lines break, where `st.dataframe` would cut them off."""
    shown = table.rename(index=as_text, columns=as_text)
    st.table(shown.map(as_text), alt=alt)


def _readable(value: object) -> object:
    return printable(value) if isinstance(value, str) else value
