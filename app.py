"""Router of the app. Start it with ``make app`` or ``streamlit run app.py``."""

import pyarrow as pa
import streamlit as st

from pages import common


def main() -> None:
    """Show the page that the address names."""
    # Arrow's own pool keeps what it has once had; small servers need it back.
    pa.set_memory_pool(pa.system_memory_pool())
    st.set_page_config(page_title="imgcls", page_icon=str(common.MARK), layout="wide")
    page = st.navigation(common.pages())
    with common.plain_errors():
        common.show_sidebar()
    common.show_page(page)


main()
