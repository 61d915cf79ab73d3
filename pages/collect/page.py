"""What a phone shows that has scanned the code of *Your classes*: photos for one of the classes.

It is a page without the app around it, and works over plain http: the field for files opens the
phone's own camera, which needs no permission of the browser.
"""

import streamlit as st

from imgcls._utils.formatting import plural
from imgcls.data import uploads
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import Collection
from imgcls.data.collections.limits import CollectionError
from imgcls.paths import collections_dir
from pages.classes import notices
from pages.components.errors import plain_errors
from pages.components.text import as_text, message
from pages.navigation import COLLECT

ROUND = "round of phone photos"
MEGABYTE = 1_000_000


def main() -> None:
    """Show the page."""
    with plain_errors():
        st.title("Add photos", anchor=False)
        try:
            token = st.query_params[COLLECT]
            collection = collection_store.open_collecting(collections_dir(), token)
        except CollectionError as error:
            st.warning(message(error), icon=":material/link_off:")
            return
        notices.show()
        _show(collection)


def _show(collection: Collection) -> None:
    names = collection.classes()
    st.text(f"To {collection_store.read(collection).title}, on the other screen.")
    if not names:
        st.info("There is no class yet: add one on the other screen, then reload this page.")
        return
    counts = [plural(len(collection.photos(name)), "photo") for name in names]
    name = st.radio(
        "Class", names, captions=counts, format_func=as_text, key="class of phone photos"
    )
    dropped = st.file_uploader(
        f"Take or choose photos of {as_text(name)}",
        type="image",  # what makes a phone offer its camera
        accept_multiple_files=True,
        max_upload_size=uploads.MAX_BYTES // MEGABYTE,
        key=f"phone {name} {st.session_state.get(ROUND, 0)}",
    )
    if dropped:
        with notices.told(), st.spinner(f"Adding {plural(len(dropped), 'photo')}"):
            files = ((file.name, file.getvalue()) for file in dropped)
            try:
                notices.added(collection.add(files, name))
            finally:
                st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


main()
