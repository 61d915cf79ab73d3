"""Thumbnails to choose from, with what can be done with the chosen ones.

As widgets of Streamlit, two hundred photos would be two hundred pictures and as many boxes to tick,
and each tick would draw the page again.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import streamlit as st

MOVE = "move"


class Photo(NamedTuple):
    """A photo of the gallery: what it is known by, its name for people, and a data URL."""

    id: str
    name: str
    source: str


class Action(NamedTuple):
    """What a person wants done with which photos: MOVE to another class, or what was offered."""

    kind: str
    to: str | None
    photos: list[str]


def gallery(
    name: str,
    photos: Sequence[Photo],
    key: str,
    *,
    others: Sequence[str],
    actions: Mapping[str, str],
    on_action: Callable[[Action], None],
) -> None:
    """Show photos, and a bar with actions as soon as some are chosen.

    Args:
        name: of the class.
        photos: in the order in which they are shown.
        key: of the place on the page.
        others: classes that photos can be moved to.
        actions: what else can be done, kind -> label.
        on_action: called before the page is drawn again.
    """
    here = Path(__file__)
    mount = st.components.v2.component(
        "gallery",
        html='<div class="gallery"></div>',
        css=here.with_suffix(".css").read_text(),
        js=here.with_suffix(".js").read_text(),
    )

    def receive() -> None:
        sent = st.session_state[key].action
        if sent:
            on_action(Action(sent["action"], sent["to"], sent["photos"]))

    data = {
        "name": name,
        "photos": [photo._asdict() for photo in photos],
        "others": list(others),
        "actions": list(actions.items()),
    }
    mount(key=key, data=data, on_action_change=receive)
