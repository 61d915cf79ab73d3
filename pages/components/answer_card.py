"""The answer for one photo, as Overview and Predict show it."""

from math import ceil

import streamlit as st

from imgcls._utils.formatting import chance, in_words
from imgcls._utils.names import printable
from imgcls.charts.drawings import overlays
from imgcls.inference import explanation
from imgcls.inference.explanation import Explanation
from imgcls.inference.predictor import Prediction
from imgcls.runs.run import Run, RunError
from pages import cached
from pages.components.photo import show_photo
from pages.components.text import as_text, message
from pages.state import training_photo

HEAT = "evidence"  # key of the switch, and its name in the address
PHOTO_WIDTH, NEIGHBOR_WIDTH = 300, 84  # in pixels


def show(run: Run, name: str, photo: bytes, key: str, *, heat: bool = False) -> None:
    """Show what the run says about a photo, or what is wrong with the file.

    Args:
        run: one that can predict.
        name: of the photo, for people.
        photo: content of the file.
        key: tells this answer from the others on the page.
        heat: whether the evidence is shown before anybody asks for it.
    """
    card(run, cached.explanation(run, name, photo), run.threshold, key, heat=heat)


def card(
    run: Run, answered: Explanation, threshold: float, key: str, *, heat: bool = False
) -> None:
    """Show one answer.

    Args:
        run: the one that answered.
        answered: its answer.
        threshold: the score from which a photo counts as like those learned from.
        key: as in `show`.
        heat: as in `show`.
    """
    answered = answered.titled(run)
    if answered.answer is None:
        st.error(
            f"**{as_text(answered.name)}**: {message(answered.error)}",
            icon=":material/broken_image:",
        )
        return
    with st.container(border=True):
        left, right = st.columns([2, 3], gap="medium")
        with left:  # first, since it is above the answer on a phone, and would push it down
            _show_photo(answered, key, at_first=heat)
        with right:
            _show_answer(run, answered, answered.answer, threshold, key)
        _show_nearest(run, answered)


def _show_photo(answered: Explanation, key: str, *, at_first: bool) -> None:
    heat = st.toggle("Show where the evidence lies", at_first, key=f"{HEAT} {key}")
    drawn = overlays.draw(answered, heat=heat)
    # Until a browser has loaded a picture, it gives it no room.
    with st.container(border=False, height=ceil(PHOTO_WIDTH * drawn.height / drawn.width)):
        st.image(
            drawn,
            width=PHOTO_WIDTH,
            alt=f"{printable(answered.name)}, and the square of it that the network sees",
        )
    st.caption(
        f"**{as_text(answered.name)}**: {answered.note}. The network sees the bright square."
    )
    if heat:
        st.caption(
            "Orange: what speaks for this answer, the more the stronger (Grad-CAM). It is coarse: "
            "the network's last feature maps have "
            f"{' x '.join(map(str, answered.grad_cam.shape))} places."
        )


def _show_answer(
    run: Run, answered: Explanation, answer: Prediction, threshold: float, key: str
) -> None:
    probability = chance(answer.probability, answer.step)
    known = answer.score >= threshold
    told = f"{in_words(answer.told)} ({probability})" if known else probability
    st.header(f"{as_text(answer.label)}, {told}", anchor=False)
    if not known:
        st.warning(
            "**None of these?** This does not look like the photos that the network learned from, "
            f"so do not trust the answer: it can only choose among its {len(run.class_names)} "
            "classes.",
            icon=":material/help:",
        )
    st.plotly_chart(
        cached.bars(tuple(answer.top), answer.step),
        key=f"bars {key}",
        config={"displayModeBar": False},
        alt=f"Most probable classes of {printable(answered.name)}: "
        + ", ".join(
            f"{printable(label)} {chance(share, answer.step)}" for label, share in answer.top
        ),
    )
    record = as_text(_track_record(run, answer.label))
    st.caption(f"{record} This answer took {answer.seconds * 1000:.0f} ms.")


def _show_nearest(run: Run, answered: Explanation) -> None:
    if not answered.nearest:
        return
    st.markdown("**The most similar training photos**")
    photos = [(near, training_photo(near.file)) for near in answered.nearest]
    with st.container(horizontal=True, gap="small"):
        for near, path in photos:
            name = run.class_titles[near.label]
            with st.container(width=NEIGHBOR_WIDTH, gap=None):
                if path:
                    show_photo(path, f"A training photo of {printable(name)}", NEIGHBOR_WIDTH)
                    st.caption(as_text(name))
                else:
                    st.caption(f"{as_text(name)}  \n{as_text(near.file.rpartition('/')[2])}")
    if not all(path for _, path in photos):
        st.caption(f"Their pictures, of {as_text(run.dataset_title)}, are not on this machine.")


def _track_record(run: Run, label: str) -> str:
    try:
        counts = cached.validation_confusion(run)
    except RunError:  # the answer is worth showing without it
        return ""
    return explanation.track_record(counts, label)
