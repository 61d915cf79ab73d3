"""Learn: a lesson of half an hour and a little more, on the current run and one's own photo."""

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from imgcls.runs.run import Run
from pages import projector
from pages.components import addressed, scrolling
from pages.learn import (
    augmentation,
    boundary,
    breaking,
    choices,
    convolution,
    features,
    few_photos,
    limits,
    phases,
    photo,
)
from pages.navigation import MARK
from pages.state import current_run

PART = "part"  # key of the choice, and name in the address
NEXT, BACK = ":material/arrow_forward:", ":material/arrow_back:"
PLAN = MARK.with_name("lesson-plan.md")


class Part(NamedTuple):
    """A part of the lesson; its name stands in the address."""

    name: str
    title: str
    minutes: int
    needs_photo: bool
    show: Callable[[Run | None, photo.Photo], None]


PARTS = (
    Part("Convolution", "One pixel at a time", 7, True, convolution.show),
    Part("Features", "What the network sees", 7, True, features.show),
    Part("Boundary", "What transfer learning moves", 4, False, boundary.show),
    Part("Phases", "Phase microscope", 4, True, phases.show),
    Part("Limits", "When it does not transfer", 4, False, limits.show),
    Part("Photos", "How many photos are enough?", 4, False, few_photos.show),
    Part("Choices", "The other choices", 5, False, choices.show),
    Part("Augmentation", "What augmentation does", 4, True, augmentation.show),
    Part("Break", "Break it", 5, True, breaking.show),
)


def main() -> None:
    """Show the page."""
    st.title("Learn", anchor=False)
    names = [part.name for part in PARTS]
    chosen = addressed.segmented_control(
        f"A lesson of {sum(part.minutes for part in PARTS)} minutes in {len(PARTS)} parts",
        names,
        PART,
    )
    number = names.index(chosen)
    part = PARTS[number]
    scrolling.follow(part.name)
    st.header(part.title, anchor=False)
    st.caption(f"Part {number + 1} of {len(PARTS)}, about {part.minutes} minutes.")
    chosen_photo = photo.choose() if part.needs_photo else photo.current()
    part.show(current_run(), chosen_photo)
    st.divider()
    if part == PARTS[-1]:
        _show_end()
    _offer_steps(number)
    with st.expander("For teachers: a plan for half an hour", icon=":material/co_present:"):
        _, _, plan = PLAN.read_text().partition("\n")  # its title is that of the expander
        st.markdown(plan)


def _offer_steps(number: int) -> None:
    """Show the buttons to the part before and to the next one; a projector's remote presses them.

    On a screen of one's own its keys scroll, as everywhere.
    """
    back, onwards = (projector.BACK_KEY, projector.NEXT_KEY) if projector.is_on() else (None, None)
    with st.container(horizontal=True):
        if number > 0:
            st.button("Back", icon=BACK, on_click=_go, args=(PARTS[number - 1],), shortcut=back)
        if number + 1 < len(PARTS):
            part = PARTS[number + 1]
            st.button(
                f"Next: {part.title} ({part.minutes} minutes)",
                type="primary",
                icon=NEXT,
                icon_position="right",
                on_click=_go,
                args=(part,),
                shortcut=onwards,
            )


def _go(part: Part) -> None:
    st.session_state[PART] = part.name
    scrolling.ask()


def _show_end() -> None:
    st.markdown(
        "**That was the lesson. Now do it yourself:** change one value of the recipe and train, "
        "compare what comes out with the run before, then ask it about photos of your own."
    )
    with st.container(horizontal=True):
        for file, label in (
            ("pages/train/page.py", "Train: change one thing"),
            ("pages/results/page.py", "Results: what it changed"),
            ("pages/predict/page.py", "Predict: your own photos"),
        ):
            st.page_link(file, label=label, icon=NEXT)


main()
