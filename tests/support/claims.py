"""Sentences of documents and of the app's own texts, for the tests that ask what proves them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

PLACE = "…"  # stands for what a text fills in


def sentences(text: str) -> list[str]:
    """Return the sentences, the rows of tables and the entries of lists; addresses are none."""
    return [
        sentence
        for paragraph in re.split(r"\n\s*\n|\n(?=[-|])", re.sub(r"\]\([^)]*\)", "]", text))
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z*`])", " ".join(paragraph.split()))
    ]


def texts(path: Path) -> Iterator[str]:
    """Yield the strings of a module that people may read: all but its docstrings."""
    tree = ast.parse(path.read_text())
    hidden = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr | ast.JoinedStr)
        for part in (ast.walk(node) if isinstance(node, ast.JoinedStr) else [node.value])
        if part is not node
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else PLACE for part in node.values
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
