"""Router of the app. Start it with ``make app`` or ``streamlit run app.py``."""

import pyarrow as pa
import streamlit as st

from imgcls.memory import return_large_blocks
from pages import common


def main() -> None:
    """Show the page that the address names."""
    # Small servers need back what is no longer used, and Arrow's own pool would keep it.
    return_large_blocks()
    pa.set_memory_pool(pa.system_memory_pool())
    st.set_page_config(page_title="imgcls", page_icon=str(common.MARK), layout="wide")
    page = st.navigation(common.pages())
    with common.plain_errors():
        common.show_sidebar()
    common.show_page(page)


main()
