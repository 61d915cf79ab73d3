from urllib.error import HTTPError
from urllib.request import Request, urlopen

import psutil
import pytest
from playwright.sync_api import Browser, expect
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin, Subprotocol

from pages.navigation import PAGES
from tests.support.browser import Server, Visitor, visit
from tests.support.http import FORM, form

pytestmark = pytest.mark.browser


def test_the_first_page_of_a_new_server_is_readable_within_three_seconds(
    browser: Browser, new_server: Server
) -> None:
    server = psutil.Process(new_server.pid)
    # Its own seconds, not those of a clock: other tests may run beside this one.
    before = sum(server.cpu_times()[:2])
    for visitor in visit(browser, new_server):
        visitor.page.goto(new_server.url)
        visitor.see("This answer took")
    assert sum(server.cpu_times()[:2]) - before < 3


def test_an_answer_stands_there_before_anything_is_done(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.see_picture("a temple, and the square of it that the network sees")
    visitor.see_chart("Most probable classes of An example: a temple")
    visitor.see("Test accuracy")
    visitor.see_picture("Phase 1: frozen base")


def test_where_nothing_is_prepared_every_page_says_what_to_do(first_visitor: Visitor) -> None:
    first_visitor.arrive()
    first_visitor.see("This project has no run yet to answer with")
    first_visitor.page.get_by_role("link", name="Go to Train").click()
    first_visitor.wait()
    for page in PAGES:
        first_visitor.go_to(page.title)
        expect(first_visitor.page.get_by_text("Something went wrong")).to_have_count(0)


def test_keras_own_weights_that_cannot_be_fetched_are_a_sentence(first_visitor: Visitor) -> None:
    first_visitor.arrive("/train")
    first_visitor.press("Fetch Keras's own")
    first_visitor.see("cannot be downloaded")
    expect(first_visitor.page.get_by_text("Something went wrong")).to_have_count(0)


def test_a_link_opens_the_same_page_run_and_choice_for_somebody_else(
    visitor: Visitor, browser: Browser
) -> None:
    visitor.arrive()
    visitor.go_to("Dataset")
    visitor.choose("Project", "Digits")
    visitor.choose("Class", "7")
    visitor.go_to("Learn")
    visitor.page.get_by_role("radio", name="Limits").click()
    visitor.see_in_address("part=Limits")
    visitor.go_to("Overview")
    visitor.page.go_back()
    visitor.see("Part 5 of")
    visitor.page.go_back()
    visitor.see("Part 1 of")
    visitor.page.go_back()
    visitor.see("Digits: 1,797 photos")
    visitor.see_in_address("data=Digits")
    context = browser.new_context()
    other = Visitor(context.new_page(), visitor.server)
    other.page.goto(visitor.page.url)
    other.see("Digits: 1,797 photos")
    expect(other.page.get_by_label("Project", exact=True)).to_have_value("Digits")
    context.close()


def test_the_very_first_visit_may_begin_on_any_page(first_visitor: Visitor) -> None:
    first_visitor.arrive("/predict")
    expect(first_visitor.page.get_by_label("Project", exact=True)).to_be_visible()


def test_other_pages_can_neither_send_files_nor_listen(server: Server) -> None:
    """What protects a visitor who has a stranger's page open beside the app."""
    sent = Request(
        f"{server.url}/_stcore/upload_file/session/file", form(("a.png", b"")), FORM, method="PUT"
    )
    with pytest.raises(HTTPError) as refused:
        urlopen(sent)
    assert refused.value.code == 403
    refused.value.close()

    address = server.url.replace("http", "ws") + "/_stcore/stream"
    protocols = [Subprotocol("streamlit")]
    with connect(address, origin=Origin(server.url), subprotocols=protocols) as own:
        assert own.protocol
    with pytest.raises(InvalidStatus, match="403"):
        connect(address, origin=Origin("http://evil.example"), subprotocols=protocols)
