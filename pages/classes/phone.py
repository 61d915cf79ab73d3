"""A code to scan: a phone then adds photos, over the network that both are in."""

from urllib.parse import urlencode

import streamlit as st

from imgcls._utils.addresses import is_loopback, seen_from_outside
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import Collection
from imgcls.data.collections.store import HOURS_COLLECTING
from pages.components import link_code
from pages.components.errors import plain_errors
from pages.navigation import COLLECT

SECONDS_BETWEEN_LOOKS = 2.0
LINKS = "links for phones"


def show(collection: Collection) -> None:
    """Show the code, and the photos of the phone as they come."""
    if not st.toggle("Phone", key="phone", help="Add photos with a phone: it scans a code."):
        return
    # With the page's own path removed; a phone has another page.
    address = seen_from_outside(st.context.url or "")
    if address is None:
        st.info("This machine is in no network, so no phone can reach it.")
        return
    if is_loopback(str(st.get_option("server.address") or "")):
        st.warning(
            "This app answers this machine alone (server.address), so no phone can reach it: start "
            "it without that option."
        )
    link = f"{address}/?{urlencode({COLLECT: _token(collection)})}"
    link_code.show(
        link,
        "Scan it with the phone's camera. The phone has to be in the same network as this machine. "
        "Its photos appear here as they come.",
    )
    st.caption(f"Who has this link can add photos, nothing else, for {HOURS_COLLECTING} hours.")
    _follow(collection, len(collection.photos()))


def _token(collection: Collection) -> str:
    """Return the token of this visitor's link: a new one would end that of the last minute."""
    links: dict[str, str] = st.session_state.setdefault(LINKS, {})
    name = collection.root.name
    if name not in links:
        links[name] = collection_store.start_collecting(collection)
    return links[name]


@st.fragment(run_every=SECONDS_BETWEEN_LOOKS)
def _follow(collection: Collection, drawn: int) -> None:
    with plain_errors():
        if len(collection.photos()) != drawn:
            st.rerun()
