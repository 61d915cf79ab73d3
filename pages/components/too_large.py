"""Files that are dropped and too large to be sent.

Streamlit's field for files says so within itself, and is replaced when files beside them have been
taken: nobody would see it. So it is said beside the field, by the browser alone: it stays until the
next files are dropped.
"""

from pathlib import Path

import streamlit as st


def tell(limit: int) -> None:
    """Name each file that is too large for a field for several files on this page.

    Args:
        limit: bytes that are sent at most.
    """
    here = Path(__file__)
    mount = st.components.v2.component(
        "too_large",
        html='<div class="too-large"></div>',
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )
    mount(key="too large", data={"limit": limit})
