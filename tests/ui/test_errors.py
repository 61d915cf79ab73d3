"""A page that fails again and again is told, but does not fill the log."""

import logging

import pytest
from streamlit.testing.v1 import AppTest


def failing() -> None:
    from imgcls.errors import ImgclsError
    from pages.components.errors import plain_errors

    def fail(error: Exception) -> None:
        with plain_errors():
            raise error

    for number in range(250):
        fail(ImgclsError("There is no such run."))
        fail(ZeroDivisionError(str(number)))


def test_the_same_failure_is_told_once_and_counted(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, logger="pages.components.errors"):
        app = AppTest.from_function(failing).run()
    assert len(app.error) == 500, "visitors read each"
    records = [record for record in caplog.records if record.name == "pages.components.errors"]
    assert [record.getMessage() for record in records] == [
        *("There is no such run.", "This page failed"),
        *("There is no such run. (for the 10th time)", "This page failed (for the 10th time)"),
        *("There is no such run. (for the 100th time)", "This page failed (for the 100th time)"),
    ]
    assert records[1].exc_info
