"""To the top of the page: within one, Streamlit stays where the reader is."""

import streamlit as st

ASKED = "to the top of the page"
SCROLL = "document.querySelector('[data-testid=stMain]').scrollTo(0, 0)"


def ask() -> None:
    """Let the page be scrolled to its top when it is drawn next; for what is called by a click."""
    st.session_state[ASKED] = True


def follow(reason: str) -> None:
    """Scroll if that was asked for.

    Args:
        reason: another one each time, since a browser runs only a script that is new to the page.
    """
    place = st.empty()  # always, so that what follows keeps its own place on the page
    if st.session_state.pop(ASKED, False):
        place.html(f"<script>{SCROLL} // {reason}</script>", unsafe_allow_javascript=True)
