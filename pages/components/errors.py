"""Errors and empty states as sentences."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from imgcls.errors import ImgclsError
from pages.components.text import message
from pages.navigation import PAGES

logger = logging.getLogger(__name__)


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show errors as sentences, and write the traceback of an unexpected one to the log.

    Fragments need it for themselves: Streamlit runs them again without the page around them.
    """
    try:
        yield
    except (ImgclsError, OSError) as error:
        logger.warning("%s", error)
        st.error(message(error), icon=":material/error:")
    # The one place where everything is caught: what gets here is a bug, and a visitor can do
    # nothing with its traceback. Streamlit's own stop and rerun are no Exceptions.
    except Exception:  # for the reason above
        logger.exception("This page failed")
        st.error(
            "Something went wrong on this page. Reload it; if it happens again, choose another "
            "run or dataset in the sidebar. The details are in the log of the server.",
            icon=":material/error:",
        )


def empty(text: str, file: str | None = None) -> None:
    """Say why there is nothing to see and what to do, with a link to the page where to do it."""
    with st.container(border=True):
        st.markdown(text)
        for screen in PAGES:
            if screen.file == file:
                st.page_link(file, label=f"Go to {screen.title}", icon=screen.icon)
