"""Which dataset of people's own is in use, and what can be done with it as a whole.

Where ``IMGCLS_PUBLIC`` is "on", a dataset belongs to whoever holds its link, and expires.
"""

import io
from collections.abc import Iterable

import streamlit as st

from imgcls._utils.names import printable
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import Collection
from imgcls.data.collections.limits import CollectionError, Limits
from imgcls.data.collections.store import DAYS_KEPT
from imgcls.paths import collections_dir
from pages.classes import notices
from pages.components.text import as_text, message
from pages.state import photos_location, public

SET = "set"  # in the address: the folder of a dataset, or the token of a visitor's
PICK, NEW = "picked set", "a new one"
VISITORS_LIMITS = Limits(classes=50, photos=1_000, bytes=100_000_000, all_bytes=2_000_000_000)
RENAME, COPY, EXPORT, DELETE = "rename", "copy", "export", "delete"
MENU = {
    RENAME: "Rename …",
    COPY: "Copy …",
    EXPORT: "Download as a zip …",
    DELETE: "Delete …",
}


def current() -> Collection | None:
    """Return the dataset that the address names, or else the one that this visitor used last."""
    # A page that is left takes its part of the address along.
    wanted = st.query_params.get(SET) or st.session_state.get(SET)
    if not wanted:
        return None
    try:
        found = _open(wanted)
    except CollectionError as error:
        st.warning(message(error), icon=":material/link_off:")
        leave()
        return None
    _use(wanted)
    return found


def last_used() -> Collection | None:
    """Return the dataset that this visitor had in use on Your classes, if it is still there."""
    wanted = st.session_state.get(SET)
    try:
        return _open(wanted) if wanted else None
    except CollectionError:
        return None


def of_project() -> Collection | None:
    """Return the dataset that is the open project; None when people did not put it together."""
    location = photos_location()
    return next((each for each in others() if each.root.resolve() == location), None)


def create(title: str, classes: list[str]) -> None:
    """Make a dataset with empty classes and take it into use. Raises CollectionError."""
    made, wanted = _make(title)
    try:
        for name in classes:
            made.add_class(name)
    except CollectionError:
        collection_store.delete(made)
        raise
    _use(wanted)


def create_from(title: str, files: Iterable[tuple[str, bytes]]) -> None:
    """Make a dataset from what was dropped and take it into use; none when there is no photo.

    Args:
        title: what it is called, if that is still free.
        files: as for `Collection.add`.

    Raises:
        DatasetError: it cannot be made.
    """
    made, wanted = _make(free_title(title))
    try:
        notices.added(made.add(files))
    finally:
        empty = not made.photos()
        if empty:
            collection_store.delete(made)
    if not empty:
        _use(wanted)


def free_title(wanted: str) -> str:
    """Return a title that no dataset has yet: the one wanted, or with a number behind it."""
    if public():
        return wanted
    taken = {collection_store.read(each).title.casefold() for each in others()}
    numbered = [wanted, *(f"{wanted} {number}" for number in range(2, len(taken) + 3))]
    return next(title for title in numbered if title.casefold() not in taken)


def others() -> list[Collection]:
    """Return the datasets that there are; on a public server nobody is told."""
    return [] if public() else collection_store.list_all(collections_dir())


def leave() -> None:
    """Have no dataset in use."""
    st.session_state.pop(SET, None)
    st.query_params.pop(SET, None)


def use(collection: Collection) -> None:
    """Take a dataset that belongs to everybody into use."""
    _use(collection.root.name)


def show(collection: Collection) -> None:
    """Show which dataset it is, and a menu of what can be done with it."""
    title = collection_store.read(collection).title
    with st.container(horizontal=True, vertical_alignment="bottom"):
        _choose(collection, title)
        chosen = st.menu_button(
            "Dataset", list(MENU), key="menu of the set", format_func=MENU.__getitem__
        )
        if st.button("New", icon=":material/add:"):
            leave()
            st.rerun()
    if public():
        st.caption(
            f":material/link: Only who has this page's link sees these photos: keep it. They are "
            f"deleted {DAYS_KEPT} days after the last change."
        )
    if chosen:
        {RENAME: _rename, COPY: _copy, EXPORT: _export, DELETE: _delete}[chosen](collection, title)


def _choose(collection: Collection, title: str) -> None:
    if public():
        st.subheader(as_text(title), anchor=False, width="stretch")
        return
    found = {each.root.name: collection_store.read(each).title for each in others()}
    picked = st.selectbox(
        "Your dataset",
        list(found),
        list(found).index(collection.root.name),
        # A new field for each, and for each name of it, so that it follows.
        key=f"{PICK} {collection.root.name} {title}",
        format_func=lambda name: printable(found[name]),
        width=320,
    )
    if picked != collection.root.name:
        _use(picked)
        st.rerun()


@st.dialog("Rename the dataset")
def _rename(collection: Collection, title: str) -> None:
    with st.form("rename the set", border=False):
        new = st.text_input("New name", title, max_chars=80)
        if st.form_submit_button("Rename", type="primary"):
            with notices.told():
                collection_store.rename(collection, new)
            st.rerun()


@st.dialog("Copy the dataset")
def _copy(collection: Collection, title: str) -> None:
    with st.form("copy the set", border=False):
        new = st.text_input("Name of the copy", free_title(f"{title} copy"), max_chars=80)
        if st.form_submit_button("Copy", type="primary"):
            with notices.told():
                token = collection_store.new_token() if public() else None
                made = collection_store.copy(collection, new, token=token)
                _use(token or made.root.name)
            st.rerun()


@st.dialog("Download the dataset")
def _export(collection: Collection, title: str) -> None:
    st.text("A zip with a folder a class. What is left out is not in it.")
    content = io.BytesIO()
    collection.export_zip(content)
    st.download_button(
        f"{as_text(title)}.zip ({content.tell() / 1e6:.1f} MB)",
        content.getvalue(),
        f"{title}.zip",
        "application/zip",
        type="primary",
        icon=":material/download:",
        on_click="ignore",
    )


@st.dialog("Delete the dataset")
def _delete(collection: Collection, title: str) -> None:
    photos = len(collection.photos()) + len(collection.photos(left_out=True))
    st.text(
        f"{title}, with {len(collection.classes())} classes and {photos:,} photos. They cannot be "
        "brought back. Runs that were trained on them stay."
    )
    if st.button("Delete", type="primary", icon=":material/delete:"):
        collection_store.delete(collection)
        leave()
        st.rerun()


def _make(title: str) -> tuple[Collection, str]:
    """Return a new dataset, and what the address calls it."""
    token = collection_store.new_token() if public() else None
    limits = VISITORS_LIMITS if public() else Limits()
    if public():
        collection_store.remove_expired(collections_dir())
    made = collection_store.create(collections_dir(), title, token=token, limits=limits)
    return made, token or made.root.name


def _open(wanted: str) -> Collection:
    if public():
        return collection_store.open_by_token(collections_dir(), wanted, VISITORS_LIMITS)
    return collection_store.open_by_name(collections_dir(), wanted)


def _use(wanted: str) -> None:
    st.session_state[SET] = wanted
    if st.query_params.get(SET) != wanted:
        st.query_params[SET] = wanted
