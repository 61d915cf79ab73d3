import json

import pytest

from imgcls.export.html import html, site
from imgcls.inference.confidence import Confidence
from imgcls.runs.run import RunError
from tests.support.runs import changed
from tests.support.shipped import shipped

RUN = shipped("scratch on digits")


def between(text: str, start: str, end: str) -> str:
    return text.partition(start)[2].partition(end)[0]


def test_it_holds_what_the_answers_rest_on() -> None:
    page = html(RUN).decode()
    facts = json.loads(between(page, 'id="facts" type="application/json">', "</script>"))
    assert facts["classes"] == RUN.class_titles
    assert facts["size"] == RUN.config.image_size
    assert facts["threshold"] == RUN.energy_threshold
    confidence = Confidence.of_run(RUN)
    for name in ("temperature", "doubt", "step"):
        assert facts[name] == getattr(confidence, name)


def test_it_says_how_good_it_is_and_where_it_comes_from() -> None:
    page = html(RUN).decode()
    assert "75.0 % of 64 test photos (95 % interval 63.2 to 84.0 %)" in page
    assert RUN.record.command in page
    assert "Apache License" in page


def test_the_browser_is_told_to_reach_nobody() -> None:
    page = html(RUN).decode()
    policy = between(page, 'Content-Security-Policy" content="', '"')
    assert "default-src 'none'" in policy
    assert "connect-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert "manifest" not in page.partition("<body>")[0]


def test_a_folder_for_hosting_knows_its_version() -> None:
    files = site(RUN)
    assert set(files) == {"index.html", "manifest.webmanifest", "sw.js"}
    assert json.loads(files["manifest.webmanifest"])["name"] == RUN.title
    renamed = site(changed(RUN, name="Numbers"))
    assert renamed["sw.js"] != files["sw.js"], "a browser would keep the former page"


def test_a_run_that_cannot_answer_becomes_no_page() -> None:
    with pytest.raises(RunError, match="cannot predict"):
        html(changed(RUN, status="stopped"))
