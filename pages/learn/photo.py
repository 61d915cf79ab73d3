"""The photo that the lesson on Learn works with, an example or one's own."""

from typing import NamedTuple

import streamlit as st

from imgcls.data import uploads
from imgcls.data.bundled import sample_photos
from imgcls.data.images import ImageError, scaled_down
from pages.components.text import as_text, message

OWN = "Your own"
CHOSEN, OWN_PHOTO = "photo", "own photo of the lesson"
ROUND, ERROR = "round of the lesson's uploads", "error in the lesson's upload"
SIDE = 640  # pixels that are kept of the longer side: twice what any network here looks at
MEGABYTE = 1_000_000


class Photo(NamedTuple):
    """A picture file with a name for people."""

    name: str
    content: bytes


def choose() -> Photo:
    """Let a photo be chosen, and return it."""
    st.pills(
        "Photo to work with",
        [*sample_photos(), OWN],
        default=next(iter(sample_photos())),
        required=True,
        key=CHOSEN,
        persist_state="session",
    )
    if st.session_state[CHOSEN] == OWN:
        _ask_for_own()
    return current()


def current() -> Photo:
    """Return the photo chosen last; until there is one of the visitor's own, an example."""
    bundled = sample_photos()
    chosen = st.session_state.get(CHOSEN)
    own: Photo | None = st.session_state.get(OWN_PHOTO)
    if chosen == OWN and own is not None:
        return own
    name = chosen if chosen in bundled else next(iter(bundled))
    return Photo(name, bundled[name])


def _ask_for_own() -> None:
    # With each round the field is a new one: what was dropped does not stay in memory.
    number = st.session_state.setdefault(ROUND, 0)
    key = f"lesson's upload {number}"
    st.file_uploader(
        "A photo of your own",
        key=key,
        max_upload_size=uploads.MAX_BYTES // MEGABYTE,
        on_change=_take,
        args=(key,),
    )
    if error := st.session_state.pop(ERROR, None):
        st.error(error, icon=":material/error:")
    own = st.session_state.get(OWN_PHOTO)
    used = "Until then, an example is used." if own is None else f"In use: {as_text(own.name)}."
    st.caption(
        f"{used} Yours is scaled down and stays in memory while you are here; it is not written "
        "to disk or sent elsewhere."
    )


def _take(key: str) -> None:
    """Keep a small copy of what has just been dropped, and let go of it."""
    file = st.session_state[key]
    st.session_state[ROUND] += 1
    if file is None:
        return
    name, content = next(uploads.pictures(file.name, file.getvalue()))
    try:
        if isinstance(content, ImageError):
            raise content
        st.session_state[OWN_PHOTO] = Photo(name, scaled_down(content, SIDE))
    except ImageError as error:
        st.session_state[ERROR] = f"**{as_text(name)}**: {message(error)}"
