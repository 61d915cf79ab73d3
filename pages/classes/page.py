"""Classes of one's own: collect photos, see at once how well they are told apart, fine-tune."""

import streamlit as st

from imgcls.data.collection import Collection
from pages.classes import cards, choice, notices, phone, start, tuning


def main() -> None:
    """Show the page."""
    st.title("Your classes", anchor=False)
    collection = choice.current()
    notices.show()
    if collection is None:
        start.show()
        return
    choice.show(collection)
    _collect(collection)
    tuning.show(collection)


def _collect(collection: Collection) -> None:
    collecting, trying_it = st.columns([3, 1], gap="medium")
    with collecting:
        phone.show(collection)
        cards.show(collection)
    with trying_it:
        pass


main()
