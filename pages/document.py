"""The document that a browser loads: Streamlit's own, with our style in it from the beginning.

A style that comes with a page comes when something stands there already, and moves it.
"""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route

from pages.navigation import COLLECT, PAGES
from pages.projector import ON

STREAMLITS = Path(st.__file__).with_name("static") / "index.html"
STYLE = Path(__file__).with_name("style.css")
ALONE = frozenset({COLLECT, ON})  # in the address of a page that has no sidebar


def routes() -> list[Route]:
    """Return where the server answers with it: at the address of each page."""
    # At the end: of two rules that say as much of an element, the later one counts.
    style = f"<style>{STYLE.read_text()}</style></body>"
    document = STREAMLITS.read_text(encoding="utf-8").replace("</body>", style)
    document = document.replace("<title>Streamlit</title>", "<title>imgcls</title>")
    alone = document.replace("<html", "<html data-alone")

    def answer(request: Request) -> HTMLResponse:
        content = document if ALONE.isdisjoint(request.query_params) else alone
        return HTMLResponse(content, headers={"Cache-Control": "no-cache"})

    base = str(st.get_option("server.baseUrlPath")).strip("/")
    below = f"/{base}" if base else ""
    return [Route(f"{below}/{name}", answer) for name in ("", *(page.name for page in PAGES))]
