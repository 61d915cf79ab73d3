"""A link as a code to scan, and as text to copy."""

import segno
import streamlit as st

SIDE = 240  # pixels of the code


def show(link: str, words: str) -> None:
    """Show a link.

    Args:
        link: the address.
        words: what it is for, Markdown.
    """
    code, beside = st.columns([1, 2], vertical_alignment="center")
    code.image(
        segno.make(link).svg_inline(scale=4, border=2, dark="black", light="white"),
        width=SIDE,
        alt="The code to scan",
    )
    beside.markdown(words)
    beside.code(link, language=None, wrap_lines=True)
