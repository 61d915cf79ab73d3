"""Part 9 of the lesson on Learn, to make the network sure of something wrong."""

from typing import NamedTuple

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import chance
from imgcls._utils.names import printable
from imgcls.charts.predictions import probability_bars
from imgcls.data.images import ImageError
from imgcls.evaluation.predictions import most_probable
from imgcls.runs.run import Run
from pages import cached
from pages.components.errors import empty
from pages.components.photo import show_photo
from pages.components.tables import readable, table_height
from pages.components.text import as_text, message
from pages.learn.photo import Photo
from pages.state import cannot_answer

NO_TOOLS = {"displayModeBar": False}
BOARD = "best tries of the lesson"  # run -> class -> Try
WON = 0.9
SHOWN = 160  # pixels of the photo


class Try(NamedTuple):
    """A photo that was to be taken for something."""

    photo: str
    probability: float
    step: float  # of probabilities that is worth telling
    known: bool


def show(run: Run | None, photo: Photo) -> None:
    """Let a class be raised with a photo that does not show it, and keep the best tries."""
    st.markdown(
        "Find a photo of something **else** that the network takes for the class you choose, and "
        f"is sure of: over {WON * 100:.0f} %. A thing of the same shape? A part of one? A drawing? "
        "Does *none of these* notice?"
    )
    if run is None or not run.can_predict:
        empty(*cannot_answer(run))
        return
    titles = run.class_titles
    wanted = st.selectbox("It shall be taken for", titles, key="class to be raised")
    try:
        answer = cached.predictor(run).predict(photo.content)
    except ImageError as error:
        st.error(f"**{as_text(photo.name)}**: {message(error)}", icon=":material/broken_image:")
        return
    raised = answer.probabilities[titles.index(wanted)]
    tried = Try(photo.name, raised, answer.step, answer.known)
    left, right = st.columns(2)
    with left:
        show_photo(photo.content, printable(photo.name), SHOWN)
    left.metric(f"{wanted}, for {photo.name}", chance(tried.probability, tried.step))
    left.markdown(_judged(tried))
    top = most_probable(list(answer.probabilities), titles)
    right.plotly_chart(
        probability_bars(top, answer.step),
        config=NO_TOOLS,
        key="raised",
        alt=printable(f"{photo.name}: {top[0][0]} {chance(top[0][1], answer.step)}"),
    )
    _show_board(run, wanted, tried)


def _judged(tried: Try) -> str:
    if tried.probability < WON:
        return "Not there yet. Take another photo above: it stays in memory while you are here."
    if tried.known:
        return (
            "**It is sure, and does not notice.** If the photo shows no such thing, you have found "
            "one of its blind spots: probability says how far an answer beats the other classes, "
            "not whether it is right."
        )
    return (
        "**It is sure, and still warned:** the photo is unlike all that it learned from, which the "
        "score behind *none of these* measures and probability does not."
    )


def _show_board(run: Run, wanted: str, tried: Try) -> None:
    """Keep the best try of each class for as long as the visitor is here, and show them."""
    board: dict[str, Try] = st.session_state.setdefault(BOARD, {}).setdefault(run.id, {})
    if wanted not in board or tried.probability > board[wanted].probability:
        board[wanted] = tried
    rows = sorted(board.items(), key=lambda item: -item[1].probability)
    table = pd.DataFrame(
        {
            "class": [name for name, _ in rows],
            "best": [chance(best.probability, best.step) for _, best in rows],
            "photo": [best.photo for _, best in rows],
            "none of these?": ["" if best.known else "noticed" for _, best in rows],
        }
    )
    st.subheader("Your best tries", anchor=False)
    st.dataframe(
        readable(table),
        hide_index=True,
        height=table_height(table),
        alt="The best try of each class",
    )
