"""Which pages there are."""

from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import Page

COLLECT = "collect"  # in the address: the token of a phone's link
MARK = Path(__file__).parent.parent / "docs" / "logo.svg"


class Screen(NamedTuple):
    """One page as the menu shows it."""

    name: str
    symbol: str
    help: str
    called: str = ""  # where that is more than the name

    @property
    def title(self) -> str:
        """Name for people."""
        return self.called or self.name.title()

    @property
    def file(self) -> str:
        """The page's script, as Streamlit's links name it."""
        return f"pages/{self.name}/page.py"

    @property
    def icon(self) -> str:
        """The symbol as Streamlit names it."""
        return f":material/{self.symbol}:"


# The first one is where a visitor arrives. The tests visit them all.
PAGES = (
    Screen("overview", "home", "What this is, and an answer for your photo."),
    Screen(
        "classes",
        "category",
        "Teach it your own things: photos, and an answer at once.",
        "Your classes",
    ),
    Screen(
        "dataset", "photo_library", "The photos: how many of what, and what is wrong with them."
    ),
    Screen("learn", "school", "The network layer by layer, and what the paper says."),
    Screen("train", "model_training", "Choose the recipe, train, and watch it."),
    Screen("results", "monitoring", "Curves, tables and confusion matrix of the current run."),
    Screen("predict", "image_search", "What is on your photos, and how far to trust the answer."),
)


def streamlit_pages() -> list[Page]:
    """Return the pages for `st.navigation`, new ones: Streamlit keeps state of a visit in them."""
    return [
        st.Page(
            page.file,
            title=page.title,
            icon=page.icon,
            url_path=page.name,
            help=page.help,
            default=page == PAGES[0],
        )
        for page in PAGES
    ]


def collecting_page() -> Page:
    """Return the page of a phone that adds photos, which has no menu."""
    return st.Page("pages/collect/page.py", title="Add photos", icon=":material/add_a_photo:")
