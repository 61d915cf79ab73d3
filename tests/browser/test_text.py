"""What `as_text` returns, drawn by the real Streamlit wherever it takes Markdown."""

import io
import json
from collections.abc import Iterator
from urllib.parse import quote, urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from imgcls._utils.names import printable
from tests.support.browser import SECONDS, Server, Visitor, serve
from tests.support.names import EVIL, HOSTILE
from tests.support.repository import ROOT

pytestmark = pytest.mark.browser

SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import streamlit as st
from pages.components.text import as_text
from tests.support.names import HOSTILE

st.title("Names")
for number, name in enumerate(HOSTILE):
    shown = as_text(name)
    for kind, draw in {{
        "markdown": st.markdown,
        "bold": lambda text: st.markdown(f"**{{text}}**: said"),
        "list": lambda text: st.markdown(f"- {{text}}\\n- {{text}}"),
        "caption": lambda text: st.caption(f"of {{text}}, {{text}}."),
        "alert": st.warning,
        "header": lambda text: st.header(text, anchor=False),
        "button": lambda text: st.button(text, key=f"button {{number}}"),
        "label": lambda text: st.checkbox(text, key=f"box {{number}}"),
        "option": lambda text: st.pills("p", [text], key=f"pill {{number}}"),
        "metric": lambda text: st.metric(text, 1),
        "progress": lambda text: st.progress(0.5, text),
        "expander": st.expander,
        "tab": lambda text: st.tabs([text]),
    }}.items():
        with st.container(key=f"name-{{number}}-{{kind}}"):
            draw(shown)
"""
READ = """
() => Object.fromEntries([...document.querySelectorAll('[class*=st-key-name-]')].map(drawn => [
  [...drawn.classList].find(name => name.startsWith('st-key-name-')).slice('st-key-name-'.length),
  [drawn.textContent, [...drawn.querySelectorAll(
    'em, del, a, code, img, .katex, blockquote, hr, ol, table, h1, h3, sup, pre, [role=img], ' +
    '[class*=stMarkdownColored]:not(:empty), [class*=stMarkdownBadge]'
  )].map(element => element.tagName).join()]
]))
"""


@pytest.fixture(scope="module")
def names_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    script = tmp_path_factory.mktemp("names") / "names.py"
    script.write_text(SCRIPT.format(root=str(ROOT)), encoding="utf-8")
    yield from serve(script.parent, {}, str(script))


def test_every_name_stands_there_as_it_is(names_server: Server, browser: Browser) -> None:
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(names_server.url)
    last = page.locator(f".st-key-name-{len(HOSTILE) - 1}-tab [role=tab]")
    expect(last).to_be_visible(timeout=SECONDS * 2000)
    # Each kind of element is a program that is loaded when it is first needed.
    page.wait_for_function(f"() => Object.values(({READ})()).every(([text]) => text.trim())")
    page.wait_for_timeout(1000)  # those for formulas and emoji would be loaded now
    drawn: dict[str, tuple[str, str]] = page.evaluate(READ)
    page.close()
    assert len(drawn) == 13 * len(HOSTILE)
    wrong = {}
    for place, (text, elements) in drawn.items():
        number, kind = place.split("-")
        name = " ".join(printable(HOSTILE[int(number)]).split())
        wanted = f"of {name}, {name}." if kind == "caption" else name
        # A browser shows several spaces as one.
        if wanted not in " ".join(text.split()).replace(" ,", ",").replace(" .", ".") or elements:
            wrong[HOSTILE[int(number)], kind] = text, elements
    assert not wrong
    assert not [url for url in asked if EVIL in url.lower()]


FORGED = (
    f"** [Your session has expired: sign in](https://{EVIL}/login) ![](https://{EVIL}/p.png) **"
)
CLASSES = (f"![a](https://{EVIL}/a.png) *x*", f"<img src=https://{EVIL}/b> :smile:", f"www.{EVIL}")


@pytest.fixture(scope="module")
def baited(server: Server) -> Iterator[Server]:
    """The app with a run whose own name and whose classes' names are bait, for as long."""
    path = next(server.models.glob("paper-*")) / "run.json"
    before = path.read_text()
    record = json.loads(before)
    record["name"] = FORGED[:80]
    for known, name in zip(record["data"]["classes"], CLASSES, strict=True):
        known["name"] = name
    path.write_text(json.dumps(record))
    yield server
    path.write_text(before)


def test_names_and_addresses_lead_nowhere_and_ask_for_nothing(
    baited: Server, browser: Browser
) -> None:
    page = browser.new_page()
    visitor, asked = Visitor(page, baited), []
    page.on("request", lambda request: asked.append(urlsplit(request.url).hostname or ""))
    bait = quote(FORGED)
    for address in (
        *(
            f"/?run={bait}&data={bait}",
            f"/dataset?class={bait}&split={bait}",
            f"/learn?part={bait}",
        ),
        *("/learn?part=Phases", "/learn?part=Choices", "/train", f"/results?view={bait}"),
        *(f"/results?view={view}&true={bait}" for view in ("Test", "Phases", "Map", "Compare")),
        *("/results?view=Origin", "/predict"),
    ):
        visitor.arrive(address)
        page.wait_for_timeout(500)  # for what the page would ask for
        assert page.locator(f"a[href*='{EVIL}']").count() == 0, address
        assert page.locator("[data-testid=stMarkdownContainer] img").count() == 0, address
    photo = io.BytesIO()
    Image.new("RGB", (48, 40), "red").save(photo, "PNG")
    visitor.drop(*((f"{number} {CLASSES[0]}.png", photo.getvalue()) for number in range(2)))
    visitor.see("2 answers")
    visitor.see(CLASSES[0])
    assert page.locator(f"a[href*='{EVIL}']").count() == 0
    page.close()
    assert {host for host in asked if host} == {"127.0.0.1"}


def test_what_an_address_asks_for_in_vain_is_repeated_as_text(
    baited: Server, browser: Browser
) -> None:
    page = browser.new_page()
    visitor = Visitor(page, baited)
    visitor.arrive(f"/?run={quote(FORGED)}")
    visitor.see("Run: there is no ** [Your session has expired: sign in](https://")
    visitor.arrive("/?run=")
    expect(page.get_by_text("there is no")).to_have_count(0)
    page.close()
