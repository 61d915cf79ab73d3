"""Not a page: the answer for one photo, as Overview and Predict show it."""

import streamlit as st

from imgcls import answers, metrics
from imgcls.charts import probability_bars
from imgcls.images import ImageError, read_rgb
from imgcls.predict import Prediction
from imgcls.runs import Run, RunError
from imgcls.wording import percent
from pages import common


def show(run: Run, name: str, photo: bytes, key: str) -> None:
    """Show what the run says about a photo, or what is wrong with the file.

    Args:
        run: a finished run.
        name: of the photo, for people.
        photo: content of the file.
        key: tells this answer from the others on the page.
    """
    size = run.config.image_size
    try:
        answer = common.predictor(run).predict(photo)
        seen = read_rgb(photo, size)
    except ImageError as error:
        st.error(f"**{name}**: {error}", icon=":material/broken_image:")
        return
    with st.container(border=True):
        left, right = st.columns([1, 2], gap="medium")
        left.image(
            seen,
            caption=f"{name}, as the network sees it: {size} x {size} pixels",
            width=224,
            alt=f"{name}, cut to the centre square",
        )
        with right:
            _show_answer(run, name, answer, key)


def _show_answer(run: Run, name: str, answer: Prediction, key: str) -> None:
    st.header(f"{answer.label}, {percent(answer.probability)}", anchor=False)
    if not answer.known:
        st.warning(
            "This does not look like the photos that the network learned from, so do not trust "
            f"the answer: it can only choose among its {len(run.class_names)} classes.",
            icon=":material/help:",
        )
    st.plotly_chart(
        probability_bars(answer.top),
        key=f"bars {key}",
        config={"displayModeBar": False},
        alt=f"Most probable classes of {name}: "
        + ", ".join(f"{label} {percent(share)}" for label, share in answer.top),
    )
    st.caption(
        f"{_track_record(run, answer.label)} This answer took {answer.seconds * 1000:.0f} ms."
    )


def _track_record(run: Run, label: str) -> str:
    try:
        predictions = common.predictions(run)
    except RunError:  # the answer is worth showing without it
        return ""
    known = predictions[predictions["split"] == "validation"]
    counts = metrics.confusion(
        known["label"].to_numpy(), known["predicted"].to_numpy(), run.class_names
    )
    return answers.track_record(counts, label)
