"""How it looks is tested with the real Streamlit: tests/browser/test_text.py."""

import pytest

from pages.components.text import APART, as_text, message


@pytest.mark.parametrize("name", ["french_horn", "run-3 (best)", "12.5 %", "a, b: c", "Käse"])
def test_what_markdown_leaves_alone_stays_as_it_is(name: str) -> None:
    assert as_text(name) == name


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("*a*", r"\*a\*"),
        ("maize___rust_", r"maize\_\_\_rust\_"),
        ("US $5 or $x$", r"US \$5 or \$x\$"),
        ("[x](y) <b>", r"\[x\](y) \<b\>"),
        ("- 1. #", r"\- 1. \#"),
        ("12. of May", r"12\. of May"),
        ("end:", r"end\:"),
        (":smile:", rf"\:{APART}smile\:"),
        ("https://x.y", rf"https\:{APART}//x.y"),
        ("www.x.y", f"www{APART}.x.y"),
        ("a -> b", rf"a -{APART}\> b"),
        (" a", f"{APART} a"),
        ("two\nlines", "two␊lines"),
    ],
)
def test_what_markdown_would_change_is_escaped(name: str, markdown: str) -> None:
    assert as_text(name) == markdown


def test_a_message_keeps_its_lines() -> None:
    assert message(ValueError("*one*\ntwo")) == "\\*one\\*  \ntwo"
