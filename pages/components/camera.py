"""The camera as a stream of pictures: many while a button is held, or one after each answer.

Streamlit's own `st.camera_input` takes one picture and stops until it is cleared, so that neither a
series of photos nor an answer that follows the camera can be made of it.
"""

import base64
import binascii
from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

SIDE = 480  # pixels of a picture's longer side: twice what the network sees
PAUSE = 250  # milliseconds between two pictures
PATIENCE = 5_000  # milliseconds until another picture is sent without an answer
MOST = 60  # pictures while the button is held: 15 seconds of them
HTML = (
    '<div class="camera"><video muted playsinline></video><p></p><button disabled></button></div>'
)


def take(label: str, key: str, on_pictures: Callable[[list[bytes]], None]) -> None:
    """Show the camera with a button that takes a picture, and more for as long as it is held.

    Args:
        label: of the button.
        key: of the place on the page.
        on_pictures: called with JPEG files before the page is drawn again.
    """
    data = {"label": label, "alt": "What the camera sees", "follows": False, "answered": 0}
    _mount(key, data, on_pictures)


def follow(key: str, answered: int, on_pictures: Callable[[list[bytes]], None]) -> None:
    """Show the camera, and get a picture each time that `answered` is another number.

    Args:
        key: of the place on the page.
        answered: how many pictures have been answered.
        on_pictures: called with a list of one JPEG file before the page is drawn again.
    """
    data = {"label": "", "alt": "What the camera sees", "follows": True, "answered": answered}
    _mount(key, data, on_pictures)


def _mount(key: str, data: dict[str, Any], on_pictures: Callable[[list[bytes]], None]) -> None:
    here = Path(__file__)
    camera = st.components.v2.component(
        "camera",
        html=HTML,
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )

    def receive() -> None:
        sent = st.session_state[key].pictures or []
        on_pictures([content for url in sent[:MOST] if (content := _decoded(url))])

    limits = {"side": SIDE, "pause": PAUSE, "patience": PATIENCE, "most": MOST}
    camera(key=key, data={**data, **limits}, on_pictures_change=receive)


def _decoded(url: Any) -> bytes:
    """Return the content of a data URL; nothing when the browser sent something else."""
    try:
        return base64.b64decode(str(url).partition(",")[2], validate=True)
    except binascii.Error:
        return b""
