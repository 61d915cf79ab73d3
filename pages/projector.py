"""For a class: the page on a projector, and its link for everybody's own screen."""

from pathlib import Path
from urllib.parse import urlencode, urlsplit

import streamlit as st

from imgcls._utils.addresses import seen_from_outside
from pages.components import link_code

ON = "projector"  # key of the switch, and name in the address
LOOK = Path(__file__).with_suffix(".css")
NEXT_KEY, BACK_KEY = "PageDown", "PageUp"  # those of remote controls for presentations


def is_on() -> bool:
    """Return whether the page is shown on a projector: large, with nothing around it."""
    return bool(st.session_state.get(ON, False))


def show_switch() -> None:
    """Draw the switch and the link; called in the sidebar, and so on every page."""
    st.toggle(
        "Projector",
        key=ON,
        bind="query-params",
        help="Large type and nothing around the page. Esc leads back.",
    )
    if is_on():
        st.html(LOOK)
    else:
        _offer_link()


def show_way_back() -> None:
    """Draw, below a page on a projector, what its sidebar would hold."""
    if not is_on():
        return
    with st.container(horizontal=True, key="projector-bar"):
        st.button(
            "Leave the projector view", icon=":material/close:", shortcut="Esc", on_click=_leave
        )
        _offer_link()


def _leave() -> None:
    st.session_state[ON] = False


def _offer_link() -> None:
    opened = st.popover("Link to this page", icon=":material/qr_code:", on_change="rerun")
    if opened.open:
        with opened:
            link_code.show(
                _link(), "This page as it is, for every phone and laptop in the same network:"
            )


def _link() -> str:
    """Return the page's address for others: on this very machine it may be called localhost."""
    here = st.context.url or ""
    shown = {name: value for name, value in st.query_params.to_dict().items() if name != ON}
    address = (seen_from_outside(here) or "") + urlsplit(here).path
    return f"{address}?{urlencode(shown)}" if shown else address
