"""What somebody sees who has no dataset of their own yet."""

from collections.abc import Iterator
from pathlib import PurePosixPath

import streamlit as st

from imgcls._utils.formatting import plural
from imgcls.data import uploads
from imgcls.data.bundled import write_digits
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.drops import DropError, class_name
from imgcls.paths import cache_dir
from pages.classes import choice, notices
from pages.classes.cards import MEGABYTE
from pages.components.text import as_text

ROUND = "round of first photos"
DIGITS = {"three": "3", "five": "5", "eight": "8"}  # those that people mistake too
DIGITS_EACH = 20
UNNAMED = "My things"


def show() -> None:
    """Show three ways to begin, and the datasets that there are."""
    st.markdown(
        "Teach it your own things. Two classes with five photos each are enough for a first "
        "answer, and it says how far that answer can be trusted."
    )
    left, middle, right = st.columns(3, gap="small")
    with left.container(border=True):
        st.subheader("You have photos", anchor=False)
        _from_photos()
    with middle.container(border=True):
        st.subheader("Camera or phone", anchor=False)
        _from_names()
    with right.container(border=True):
        st.subheader("Only a look", anchor=False)
        st.markdown(f"Handwritten digits, {DIGITS_EACH} of each: three, five and eight.")
        if st.button("Take the digits", icon=":material/category:"):
            with notices.told():
                choice.create_from("Digits", _digits())
            st.rerun()
    if found := choice.others():
        st.subheader("Go on with", anchor=False)
        with st.container(horizontal=True):
            for each in found:
                record = collection_store.read(each)
                st.button(
                    f"{as_text(record.title)}, {plural(len(each.photos()), 'photo')}",
                    key=f"go on {each.root.name}",
                    on_click=choice.use,
                    args=(each,),
                )


def _from_photos() -> None:
    folder = st.segmented_control(
        "What you drop",
        ["A zip", "A folder"],
        default="A zip",
        required=True,
        label_visibility="collapsed",
    )
    number = st.session_state.get(ROUND, 0)
    dropped = st.file_uploader(
        f"{folder} with a folder a class",
        accept_multiple_files="directory" if folder == "A folder" else True,
        key=f"first {folder} {number}",
        max_upload_size=uploads.MAX_ARCHIVE_BYTES // MEGABYTE,
    )
    if not dropped:
        return
    with notices.told(), st.spinner(f"Adding {plural(len(dropped), 'file')}"):
        try:
            files = ((file.name, file.getvalue()) for file in dropped)
            choice.create_from(_title(dropped[0].name), files)
        finally:
            st.session_state[ROUND] = number + 1
    st.rerun()


def _digits() -> Iterator[tuple[str, bytes]]:
    folder = write_digits(cache_dir())
    for name, digit in DIGITS.items():
        for path in sorted((folder / digit).iterdir())[:DIGITS_EACH]:
            yield f"{name}/{path.name}", path.read_bytes()


def _title(file: str) -> str:
    """Return a name for what was dropped: that of the zip, or of the folder that holds it all."""
    path = PurePosixPath(file.replace("\\", "/"))
    try:
        return class_name(path.parts[0] if len(path.parts) > 1 else path.stem)
    except DropError:  # it can be renamed
        return UNNAMED


def _from_names() -> None:
    with st.form("names of classes", border=False):
        title = st.text_input("Name", choice.free_title(UNNAMED), max_chars=80)
        names = st.text_input("Classes, separated by commas", placeholder="cup, pen, neither")
        if st.form_submit_button("Start", type="primary", icon=":material/photo_camera:"):
            wanted = [name for name in map(str.strip, names.split(",")) if name]
            with notices.told():
                choice.create(title, wanted)
            st.rerun()
