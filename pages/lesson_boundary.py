"""Not a page: part 3 of the lesson on Learn, the freeze boundary."""

import streamlit as st

from imgcls import drawings
from imgcls.config import PRESETS
from imgcls.runs import Run
from pages.lesson_photo import Photo


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Show which layers each phase trains."""
    pictures = drawings.phases(run.config if run else PRESETS["paper"])
    for column, picture in zip(st.columns(len(pictures), gap="large"), pictures, strict=True):
        column.markdown(f"**{picture.title}**  \n{picture.parameters}")
        column.image(picture.svg, width="stretch", alt=f"{picture.title}: {picture.layers}")
        column.caption(f"{picture.layers[0].upper()}{picture.layers[1:]}")
