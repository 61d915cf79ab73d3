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
    try:
        if isinstance(photo, Path):
            changed = photo.stat().st_mtime_ns if photo.exists() else 0
            jpeg = _jpeg_of_file(str(photo), changed, width)
        else:
            jpeg = _jpeg(photo, width)
    except ImageError as error:
        st.caption(f"{caption or ''}  \n{message(error)}")
        return
    st.image(jpeg, caption, width=width, alt=alt)


# Some 10 KB each: the training photos that many answers are like.
@st.cache_data(max_entries=1000, show_spinner=False)
def _jpeg_of_file(photo: str, changed: int, width: int) -> bytes:  # noqa: ARG001, the key
    return _jpeg(Path(photo), width)


def _jpeg(photo: Path | bytes, width: int) -> bytes:
    image = open_picture(photo, width).image
    higher = min(TALLEST, max(1, image.height / image.width))
    return as_jpeg(image, round(SHARP * width * higher))
