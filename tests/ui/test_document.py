import pytest
import streamlit as st
from starlette.requests import Request

from pages import document


def answer(query: str) -> str:
    route = document.routes()[0]
    scope = {"type": "http", "method": "GET", "query_string": query.encode(), "headers": []}
    return bytes(route.endpoint(Request(scope)).body).decode()


def test_the_style_comes_before_the_page_and_keeps_the_sidebars_place_where_there_is_one() -> None:
    for query in ("", "part=Limits"):
        found = answer(query)
        assert "@media print" in found
        assert "<title>imgcls</title>" in found
        assert "<html data-alone" not in found
    for query in ("collect=token", "projector=true"):
        assert "<html data-alone" in answer(query)


@pytest.mark.parametrize("base", ["lab", "/lab/"])
def test_it_follows_the_server_to_another_path(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "get_option", lambda name: base)
    assert [route.path for route in document.routes()][:2] == ["/lab/", "/lab/overview"]
