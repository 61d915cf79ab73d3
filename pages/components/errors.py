"""Errors and empty states as sentences."""

import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from traceback import format_tb

import streamlit as st

from imgcls.errors import ImgclsError
from pages.components.text import message
from pages.navigation import PAGES

logger = logging.getLogger(__name__)
KINDS = 1_000  # of failures that are counted, before counting begins anew
_times: Counter[str] = Counter()


@contextmanager
def plain_errors() -> Iterator[None]:
    """Show errors as sentences, and write the traceback of an unexpected one to the log.

    Fragments need it for themselves: Streamlit runs them again without the page around them.
    """
    try:
        yield
    except (ImgclsError, OSError) as error:
        if (times := _counted(str(error))) is not None:
            logger.warning("%s%s", error, times)
        st.error(message(error), icon=":material/error:")
    # The one place where everything is caught: what gets here is a bug, and a visitor can do
    # nothing with its traceback. Streamlit's own stop and rerun are no Exceptions.
    except Exception as error:  # for the reason above
        if (times := _counted("".join(format_tb(error.__traceback__)))) is not None:
            logger.exception("This page failed%s", times)
        st.error(
            "Something went wrong on this page. Reload it; if it happens again, choose another "
            "run or dataset in the sidebar. The details are in the log of the server.",
            icon=":material/error:",
        )


def _counted(failure: str) -> str | None:
    """Return how often a failure came, to be told with it, or None when it need not be told.

    A page that looks after something each second, or that many visitors open, fails as often: the
    first time is told, then the 10th, the 100th and so on.
    """
    if len(_times) >= KINDS:
        _times.clear()
    _times[failure] += 1
    times = _times[failure]
    if str(times).rstrip("0") != "1":
        return None
    return f" (for the {times:,}th time)" if times > 1 else ""


def empty(text: str, file: str | None = None) -> None:
    """Say why there is nothing to see and what to do, with a link to the page where to do it."""
    with st.container(border=True):
        st.markdown(text)
        for screen in PAGES:
            if screen.file == file:
                st.page_link(file, label=f"Go to {screen.title}", icon=screen.icon)
