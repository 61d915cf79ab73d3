"""Classes of one's own: collect photos, see at once how well they are told apart, fine-tune."""

import streamlit as st

from imgcls.data import uploads
from imgcls.runs.run import RunError
from pages import cached
from pages.classes import cards, choice, evidence, notices, phone, start, trying, tuning
from pages.components import too_large
from pages.components.text import message


def main() -> None:
    """Show the page."""
    st.title("Your classes", anchor=False)
    collection = choice.current()
    too_large.tell(uploads.MAX_ARCHIVE_BYTES)
    notices.show()
    if collection is None:
        start.show()
        return
    choice.show(collection)
    collecting, beside = st.columns([5, 2], gap="small")
    with collecting:
        phone.show(collection)
        cards.show(collection)
    try:
        cached.photo_examiner()
    except RunError as error:  # photos can be collected without it
        beside.info(message(error))
    else:
        with beside:
            trying.show(collection)
        evidence.show(collection)
    tuning.show(collection)


main()
