"""What a change has led to, told when the page is drawn next: the change itself draws it anew."""

from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import plural
from imgcls.data.collections.collection import Added
from imgcls.errors import ImgclsError
from pages.components.tables import show_faults
from pages.components.text import as_text, message

DONE, FAILED, SKIPPED = "classes done", "classes failed", "classes skipped"


def done(text: str) -> None:
    """Tell that something was done."""
    st.session_state[DONE] = text


@contextmanager
def told() -> Iterator[None]:
    """Tell what went wrong within, as a sentence."""
    try:
        yield
    except (ImgclsError, OSError) as error:
        st.session_state[FAILED] = str(error)


def added(found: Added) -> None:
    """Tell what became of what was dropped."""
    parts = [f"{plural(len(found.photos), 'photo')} added"] if found.photos else []
    if found.known:
        parts.append(f"{plural(len(found.known), 'photo')} were there already")
    if parts:
        done(f"{', '.join(parts)}.")
    elif not found.skipped:
        st.session_state[FAILED] = "There was no photo in what was dropped."
    st.session_state[SKIPPED] = [(skipped.name, skipped.reason) for skipped in found.skipped]


def show() -> None:
    """Show what there is to tell, once; files that were not taken stay until they are closed."""
    if text := st.session_state.pop(DONE, None):
        st.toast(as_text(text), icon=":material/check:")
    if text := st.session_state.pop(FAILED, None):
        st.error(message(text), icon=":material/error:")
    if skipped := st.session_state.get(SKIPPED):
        _show_skipped(skipped)


def _show_skipped(skipped: list[tuple[str, str]]) -> None:
    with st.container(border=True):
        st.markdown(f":material/warning: **{plural(len(skipped), 'file')} not taken:**")
        show_faults(
            pd.DataFrame(skipped, columns=["file", "why"]), "Files that were not taken, and why"
        )
        st.button("Close", key="close skipped", on_click=_forget)


def _forget() -> None:
    st.session_state.pop(SKIPPED, None)
