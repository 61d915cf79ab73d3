"""Part 8 of the lesson on Learn, what augmentation does."""

import streamlit as st

from imgcls._utils.formatting import chance
from imgcls._utils.names import printable
from imgcls.charts.predictions import probability_bars
from imgcls.data.images import open_picture, square
from imgcls.inference.predictor import Prediction
from imgcls.lesson.augmentation import CHANGES
from imgcls.runs.run import Run
from pages import cached
from pages.components.errors import empty, plain_errors
from pages.components.text import as_text
from pages.learn.photo import Photo
from pages.state import cannot_answer

NO_TOOLS = {"displayModeBar": False}
PERCENT = (0, 10, 25, 50, 75, 100)
SHOWN, START = 112, 50  # pixels of a changed photo, and its strength in percent


def show(run: Run | None, photo: Photo) -> None:
    """Ask the current run about the photo, changed in several ways."""
    st.markdown(
        "A mirrored church is a church. *Augmentation* says so: each time that training meets a "
        "photo, it is changed at random, and keeps its label. What the network has met in many "
        "guises should not change its answer. Does it?"
    )
    if run is None or not run.can_predict:
        empty(*cannot_answer(run))
        return
    _try(run, photo)
    st.markdown(
        "**The paper's recipe augments nothing.** Where the answer stays all the same, that comes "
        "from the base, which met 1.3 million photos in its pretraining. So augmentation pays "
        "where photos are few and their guises many: the preset *small-data* mirrors and crops. It "
        "does harm where the label hangs on it: an upside-down 6 is a 9."
    )


@st.fragment
def _try(run: Run, photo: Photo) -> None:
    strength = st.select_slider("Strength, percent", PERCENT, START, key="augmentation") / 100
    with plain_errors():
        _show_answers(run, photo, strength)


def _show_answers(run: Run, photo: Photo, strength: float) -> None:
    predictor = cached.predictor(run)
    image = square(open_picture(photo.content, predictor.image_size).image, predictor.image_size)
    seen = predictor.predict(image)
    place = run.class_names.index(seen.label)
    title = run.class_titles[place]
    changed = {name: change(image, strength) for name, change in CHANGES.items()}
    answers = {name: predictor.predict(picture) for name, picture in changed.items()}
    bars = [("as it is", seen.probabilities[place])]
    bars += [(name, answer.probabilities[place]) for name, answer in answers.items()]
    left, right = st.columns(2)
    left.markdown(f"How probable is *{as_text(title)}*, its answer for the photo as it is?")
    left.plotly_chart(
        probability_bars(bars, seen.step),
        config=NO_TOOLS,
        key="augmented",
        alt=printable(
            f"Probability of {title}: "
            + ", ".join(f"{name} {chance(share, seen.step)}" for name, share in bars)
        ),
    )
    with right.container(horizontal=True):
        for name, picture in changed.items():
            st.image(
                picture.resize((SHOWN, SHOWN)),
                caption=_said(run, name, answers[name]),
                width=SHOWN,
                alt=printable(f"{photo.name}, {name}"),
            )


def _said(run: Run, name: str, answer: Prediction) -> str:
    title = run.class_titles[run.class_names.index(answer.label)]
    doubt = "" if answer.known else ", none of these?"
    return f"{name}: {as_text(title)} {chance(answer.probability, answer.step)}{doubt}"
