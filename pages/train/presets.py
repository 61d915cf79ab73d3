"""The presets as cards, with what each costs and reaches."""

from collections.abc import Mapping, Sequence

import streamlit as st

from imgcls.config import ABLATIONS, ABOUT, PRESETS, preset_title
from imgcls.evaluation.intervals import tested
from imgcls.runs import origin
from imgcls.runs.run import Run

PRESET = "preset"  # what is chosen, for as long as the visit lasts
A_ROW = 3


def choose(trained: Mapping[str, Run]) -> str:
    """Show a card for each preset, and return the name of the one that is chosen.

    Args:
        trained: name of a preset -> a finished run of it on the photos in use.
    """
    chosen: str = st.session_state.setdefault(PRESET, next(iter(PRESETS)))
    _show_cards([name for name in PRESETS if name not in ABLATIONS], chosen, trained)
    with st.expander(
        f"{len(ABLATIONS)} mistakes to learn from",
        expanded=chosen in ABLATIONS,
        icon=":material/science:",
    ):
        _show_cards(list(ABLATIONS), chosen, trained)
    return chosen


def _show_cards(names: Sequence[str], chosen: str, trained: Mapping[str, Run]) -> None:
    for first in range(0, len(names), A_ROW):
        row = names[first : first + A_ROW]
        for column, name in zip(st.columns(A_ROW), row, strict=False):
            with column.container(border=True, height="stretch", gap="xsmall"):
                _show_card(name, trained.get(name), chosen=name == chosen)


def _show_card(name: str, run: Run | None, *, chosen: bool) -> None:
    title = preset_title(name)
    st.markdown(f"**{title}**  \n{ABOUT[name]}")
    st.caption(_told(run) if run else "Not trained on these photos yet.")
    st.space("stretch")
    st.button(
        f"{title} is chosen" if chosen else f"Choose {title}",
        key=f"{PRESET} {name}",
        icon=":material/check:" if chosen else None,
        disabled=chosen,
        on_click=st.session_state.update,
        args=({PRESET: name},),
        width="stretch",
    )


def _told(run: Run) -> str:
    """Return how long a finished run took, and how good it is."""
    return f"{origin.took(run)}; {tested(run.test)}"
