"""One card a class: its photos, and the ways to add some."""

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from imgcls._utils.formatting import plural
from imgcls.data import uploads
from imgcls.data.collections.collection import Collection
from pages import cached
from pages.classes import notices
from pages.components import camera
from pages.components.gallery import MOVE, Action, Photo, gallery
from pages.components.text import as_text

BESIDE = 2  # cards in a row; on a phone they stand below each other
SHOWN = 120  # thumbnails of a class at a time, while the classes are few
SHOWN_IN_ALL = 1_200
ROUND = "round of class photos"
MEGABYTE = 1_000_000
LEAVE_OUT, BRING_BACK, DELETE, RENAME = "leave out", "bring back", "delete", "rename"
MENU = {RENAME: "Rename …", LEAVE_OUT: "Leave out", DELETE: "Delete …"}


def show(collection: Collection) -> None:
    """Show all cards, and one that adds a class."""
    names = collection.classes()
    columns: list[DeltaGenerator] = []
    for name in [*names, None]:
        columns = columns or st.columns(BESIDE, gap="small")
        with columns.pop(0).container(border=True):
            if name is None:
                _offer_class(collection)
            else:
                _show_card(collection, name, names)
    _show_classes_left_out(collection)


def take(collection: Collection, label: str, key: str, into: str | None, *, folder: bool) -> None:
    """Show a field for files, or for a whole folder, and add what is dropped there.

    Args:
        collection: what the photos are added to.
        label: of the field.
        key: of the place on the page.
        into: the class of all of them; None when their folders name the classes.
        folder: whether it takes a folder instead of files.
    """
    # With each round the fields are new ones: what was dropped does not stay in memory.
    dropped = st.file_uploader(
        label,
        accept_multiple_files="directory" if folder else True,
        key=f"{key} {st.session_state.get(ROUND, 0)}",
        max_upload_size=uploads.MAX_ARCHIVE_BYTES // MEGABYTE,
        label_visibility="collapsed" if into else "visible",
    )
    # Not in a callback: when the page is drawn again in the midst of it, the files are still there.
    if dropped:
        with notices.told(), st.spinner(f"Adding {plural(len(dropped), 'file')}"):
            files = ((file.name, file.getvalue()) for file in dropped)
            try:
                notices.added(collection.add(files, into))
            finally:
                st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
        st.rerun()


def show_photos(
    collection: Collection,
    name: str,
    photos: list[str],
    others: list[str],
    actions: dict[str, str],
    *,
    key: str = "",
) -> None:
    """Show photos of one class as thumbnails to choose from.

    Args:
        collection: the dataset.
        name: of the class, or of what the photos have in common.
        photos: as the dataset names them.
        others: classes that they can be moved to.
        actions: what else can be done with them, kind -> label.
        key: of the place on the page, if the class is shown in several.
    """
    if not photos:
        st.caption("No photo yet: drop some above, use the camera, or the phone.")
        return
    shown, most = photos, min(SHOWN, max(4, SHOWN_IN_ALL // (len(others) + 1)))
    if len(photos) > most:
        screen = st.pagination(-(-len(photos) // most), key=f"{key}screen {name}")
        shown = photos[(screen - 1) * most : screen * most]
    thumbnails = cached.thumbnails([collection.path(photo) for photo in shown])
    gallery(
        name,
        [
            Photo(photo, photo.partition("/")[2], source)
            for photo, source in zip(shown, thumbnails, strict=True)
        ],
        f"{key}gallery {name}",
        others=others,
        actions=actions,
        on_action=lambda action: _act(collection, action),
    )


def _show_card(collection: Collection, name: str, names: list[str]) -> None:
    photos = collection.photos(name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(as_text(name), anchor=False, width="stretch")
        st.caption(plural(len(photos), "photo"), width="content")
        chosen = st.menu_button(
            "Edit",
            list(MENU),
            key=f"menu {name}",
            type="tertiary",
            format_func=MENU.__getitem__,
        )
    if chosen:
        _do(collection, name, chosen)
    take(collection, f"Photos of {as_text(name)}", f"photos {name}", name, folder=False)
    # It asks for permission as soon as it is drawn, and so only when it is wanted.
    if st.toggle("Camera", key=f"camera {name}"):
        camera.take(
            "Hold to take photos",
            f"shots {name}",
            lambda pictures: _add_shots(collection, name, pictures),
        )
    others = [other for other in names if other != name]
    show_photos(collection, name, photos, others, {LEAVE_OUT: "Leave out", DELETE: "Delete"})
    if out := collection.photos(name, left_out=True):
        with st.expander(f"{plural(len(out), 'photo')} left out"):
            show_photos(
                collection, name, out, [], {BRING_BACK: "Bring back", DELETE: "Delete"}, key="out "
            )


def _act(collection: Collection, action: Action) -> None:
    with notices.told():
        count = plural(len(action.photos), "photo")
        if action.kind == MOVE and action.to is not None:
            collection.move(action.photos, action.to)
            notices.done(f"{count} moved.")
        elif action.kind == LEAVE_OUT:
            collection.leave_out(action.photos)
            notices.done(f"{count} left out: bring them back below the class.")
        elif action.kind == BRING_BACK:
            collection.bring_back(action.photos)
            notices.done(f"{count} brought back.")
        elif action.kind == DELETE:
            collection.delete(action.photos)
            notices.done(f"{count} deleted.")


def _add_shots(collection: Collection, name: str, pictures: list[bytes]) -> None:
    with notices.told():
        notices.added(collection.add((("camera.jpg", content) for content in pictures), name))


def _offer_class(collection: Collection) -> None:
    with st.form("new class", clear_on_submit=True, border=False):
        st.subheader("Another class", anchor=False)
        name = st.text_input("Name", placeholder="cup", max_chars=80)
        if st.form_submit_button("Add class", icon=":material/add:"):
            with notices.told():
                notices.done(f"Class added: {collection.add_class(name)}.")
            st.rerun()


def _do(collection: Collection, name: str, chosen: str) -> None:
    if chosen == RENAME:
        _rename(collection, name)
    elif chosen == DELETE:
        _delete(collection, name)
    elif chosen == LEAVE_OUT:
        with notices.told():
            collection.leave_out_class(name)
            notices.done("The class is left out: bring it back below the others.")
        st.rerun()


@st.dialog("Rename a class")
def _rename(collection: Collection, name: str) -> None:
    with st.form("rename", border=False):
        new = st.text_input("New name", name, max_chars=80)
        if st.form_submit_button("Rename", type="primary"):
            with notices.told():
                collection.rename_class(name, new)
            st.rerun()


@st.dialog("Delete a class")
def _delete(collection: Collection, name: str) -> None:
    count = len(collection.photos(name)) + len(collection.photos(name, left_out=True))
    st.text(f"{name}, with {plural(count, 'photo')}. They cannot be brought back.")
    if st.button("Delete", type="primary", icon=":material/delete:"):
        with notices.told():
            collection.delete_class(name)
        st.rerun()


def _show_classes_left_out(collection: Collection) -> None:
    names = collection.classes(left_out=True)
    if not names:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Classes left out:", width="content")
        for name in names:
            st.button(
                f"Bring back {as_text(name)}",
                key=f"bring back {name}",
                on_click=_bring_back,
                args=(collection, name),
            )


def _bring_back(collection: Collection, name: str) -> None:
    with notices.told():
        collection.bring_back_class(name)
