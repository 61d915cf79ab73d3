"""Files that are dropped and too large to be sent.

Streamlit's field for files says so within itself, and is replaced when files beside them have been
taken: nobody would see it.
"""

from collections.abc import Callable
from pathlib import Path

import streamlit as st


def watch(limit: int, key: str, on_files: Callable[[list[tuple[str, int]]], None]) -> None:
    """Call back with name and size of each file that is too large for a field on this page.

    Args:
        limit: bytes that are sent at most.
        key: of the place on the page.
        on_files: called before the page is drawn again.
    """
    mount = st.components.v2.component(
        "too_large", js=Path(__file__).with_suffix(".js").read_text(), html="<span></span>"
    )

    def receive() -> None:
        if sent := st.session_state[key].files:
            on_files([(str(file["name"]), int(file["size"])) for file in sent])

    mount(key=key, data={"limit": limit}, on_files_change=receive)
