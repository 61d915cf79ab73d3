"""Router of the app. Start it with ``make app`` or ``streamlit run app.py``."""

import os
from typing import TYPE_CHECKING

import pyarrow as pa
import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from imgcls._utils.open_files import raise_limit
from imgcls.paths import models_dir
from pages import document, shell
from pages.components.errors import plain_errors
from pages.memory import return_large_blocks, spare_modules
from pages.navigation import COLLECT, MARK, collecting_page, streamlit_pages

if TYPE_CHECKING:
    from starlette.routing import Mount


def main() -> None:
    """Show the page that the address names."""
    # Small servers need back what is no longer used, and Arrow's own pool would keep it.
    return_large_blocks()
    spare_modules()
    pa.set_memory_pool(pa.system_memory_pool())
    st.set_page_config(page_title="imgcls", page_icon=str(MARK), layout="wide")
    if COLLECT in st.query_params:
        shell.show_page(st.navigation([collecting_page()], position="hidden"))
        return
    page = st.navigation(streamlit_pages())
    with plain_errors():
        shell.show_sidebar()
    shell.show_page(page)


def service() -> "list[Mount]":
    """Return where the app answers other programs: nowhere, unless ``IMGCLS_API`` is "on"."""
    if os.environ.get("IMGCLS_API", "off").lower() != "on":
        return []
    from imgcls.service.app import mounted  # takes memory that most servers have no use for

    return mounted(models_dir())


if __name__ == "__main__":  # Streamlit runs this file anew for each visitor and click
    main()
else:  # and the server imports it once
    # Streamlit takes a folder with the name `pages` for its older kind of app until the first call
    # of `st.navigation`: the first visitor of /learn would read that there is no such page.
    PagesManager.uses_pages_directory = False
    raise_limit()
    app = st.App(__file__, routes=[*document.routes(), *service()])
