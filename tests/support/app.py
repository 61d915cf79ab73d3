"""The app without a browser: Streamlit's AppTest, and what is asked of every page."""

import re

from streamlit.testing.v1 import AppTest
from streamlit.util import calc_hash

from pages.navigation import PAGES, Screen
from tests.support.repository import ROOT

APP = ROOT / "app.py"
SECONDS = 60  # a page that opens a dataset, on a machine that is busy with other tests


def visit(page: Screen, **address: str) -> AppTest:
    """Open the app, and go to a page."""
    app = AppTest.from_file(str(APP), default_timeout=SECONDS)
    app.query_params.update(address)
    if page != PAGES[0]:
        # As `switch_page`, which knows the pages' addresses only after the first run: without this
        # each visit would begin with the overview and its answer for a photo.
        app._page_hash = calc_hash(page.name)
    return app.run()


def named(name: str) -> Screen:
    (found,) = (page for page in PAGES if page.name == name)
    return found


def text(app: AppTest) -> str:
    kinds = (app.title, app.header, app.subheader, app.markdown, app.caption, app.info, app.warning)
    return "\n".join(element.value for kind in kinds for element in kind)


def assert_readable(app: AppTest) -> None:
    assert not app.exception
    assert not [error.value for error in app.error]
    assert len(app.title) == 1
    assert len(text(app)) > 60
    assert not re.findall(r"(?<![\d.,])1 (?:\S+ )?(?:photos|answers|runs|epochs)\b", text(app))
