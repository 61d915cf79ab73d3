"""A photo as the network would see it, upright and in colours that a browser shows."""

from pathlib import Path

import streamlit as st

from imgcls.data.images import ImageError, as_jpeg, open_picture
from pages.components.text import message

SHARP = 2  # pixels of the picture for one on the page: screens of phones have as many
TALLEST = 4  # times as high as wide


def show_photo(photo: Path | bytes, alt: str, width: int, caption: str | None = None) -> None:
    """Show a photo; whatever is wrong with its file is said in its place.

    A browser could not show every file that the network sees, and would show some otherwise. So no
    page gives it the file itself.

    Args:
        photo: a file, or what is in it.
        alt: what it shows, for those who do not see it.
        width: in pixels of the page.
        caption: a line below, Markdown.
    """
    # Given the width itself, Streamlit would make a blunt picture of so many pixels each time.
    with st.container(width=width):
        try:
            st.image(_sharp(photo, width), caption, width="stretch", alt=alt)
        except ImageError as error:
            st.caption(f"{caption or ''}  \n{message(error)}")


def _sharp(photo: Path | bytes, width: int) -> bytes:
    if isinstance(photo, bytes):
        return _jpeg(photo, width)
    return _jpeg_of_file(str(photo), photo.stat().st_mtime_ns if photo.exists() else 0, width)


# Some 10 KB each: the training photos that many answers are like.
@st.cache_data(max_entries=1000, show_spinner=False)
def _jpeg_of_file(photo: str, changed: int, width: int) -> bytes:  # noqa: ARG001, the key
    return _jpeg(Path(photo), width)


def _jpeg(photo: Path | bytes, width: int) -> bytes:
    image = open_picture(photo, width).image
    higher = min(TALLEST, max(1, image.height / image.width))
    return as_jpeg(image, round(SHARP * width * higher))
