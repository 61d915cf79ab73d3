"""The phases of a recipe as pictures, which layers each of them trains."""

import streamlit as st

from imgcls.charts.drawings.phases import PhaseDrawing
from imgcls.config import TrainConfig
from pages import cached


def show(config: TrainConfig, classes: int) -> None:
    """Show one picture a phase, side by side."""
    pictures = cached.phases_of(config, classes)
    for column, picture in zip(st.columns(len(pictures), gap="large"), pictures, strict=True):
        with column:
            show_one(picture)


def show_one(picture: PhaseDrawing) -> None:
    """Show the picture of one phase, with what it trains."""
    st.markdown(f"**{picture.title}**  \n{picture.parameters}")
    st.image(picture.svg, width="stretch", alt=f"{picture.title}: {picture.layers}")
    st.caption(f"{picture.layers[0].upper()}{picture.layers[1:]}")
