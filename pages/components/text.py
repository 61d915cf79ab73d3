"""Names and messages as text, where Streamlit would read Markdown."""

import re

from imgcls._utils.names import printable

# An element without content. Emoji, icons, arrows and addresses are looked for after escapes are
# gone, within one piece of text, and this makes two of it (react-markdown, remark-emoji,
# mdast-util-gfm-autolink-literal, and Streamlit's own StreamlitMarkdown.tsx).
APART = ":blue[]"
# An underscore within a word is none of Markdown's; French_horn can stay as it is.
ESCAPED = re.compile(
    r"[\\`*\[\]<>&$~#|{}]"
    r"|(?<![^\W_])_|_(?![^\W_])"
    r"|:(?!\s)"
    r"|^[-+=]"
)
NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")
TORN = re.compile(
    r"(?<=:)(?=[\w+/-])"  # :smile:, :material/home:, https://
    r"|(?<=www)(?=\.)"
    r"|(?<=[-.\w+])(?=@)"
    r"|(?<=[-<>~])(?=[-=>])",  # arrows and dashes
    re.IGNORECASE,
)


def as_text(name: str) -> str:
    """Return Markdown that shows a name as it is, wherever Streamlit takes Markdown.

    That is in texts, captions, messages, labels, tooltips, options of pills, names of tabs.
    Options of select boxes, cells of tables and `alt` are text anyway, and take `printable`.

    Args:
        name: of a class, a file, a run, a dataset or a folder; or a sentence with such names.
    """
    parts = TORN.split(printable(name))
    escaped = APART.join(ESCAPED.sub(r"\\\g<0>", part) for part in parts)
    escaped = NUMBERED.sub(r"\1\\\2", escaped)
    # Stars around a space are stars.
    before, after = (APART if end.isspace() else "" for end in (name[:1], name[-1:]))
    return f"{before}{escaped}{after}"


def message(text: object) -> str:
    """Return Markdown that shows a message of the library, or of the system, as it is."""
    return "  \n".join(map(as_text, str(text).splitlines()))
