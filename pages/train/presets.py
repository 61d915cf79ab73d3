"""The preset that is chosen, and the others as cards, with what each costs and reaches."""

from collections.abc import Mapping, Sequence

import streamlit as st

from imgcls.evaluation.intervals import tested
from imgcls.presets import ABLATIONS, ABOUT, PRESETS, preset_title
from imgcls.runs import origin
from imgcls.runs.run import Run
from pages.components import addressed, scrolling

PRESET = "preset"  # what is chosen, for as long as the visit lasts; and name in the address
DEFAULT = next(iter(PRESETS))
A_ROW = 2
UNTRAINED = "Not trained on these photos yet."


def current() -> str:
    """Return the name of the preset that is chosen, and let the address say it."""
    asked = st.query_params.get(PRESET)
    # The menu leads here without a word of it: then it is the one that was chosen before.
    return _remember(asked if asked in PRESETS else st.session_state.get(PRESET, DEFAULT))


def describe(name: str, trained: Mapping[str, Run]) -> None:
    """Say what a preset is, what it costs and reaches.

    Args:
        name: of the preset.
        trained: name of a preset -> a finished run of it on the photos in use.
    """
    st.markdown(f"**{preset_title(name)}**  \n{ABOUT[name]}")
    run = trained.get(name)
    st.caption(f"{origin.took(run)}; {tested(run.test)}" if run else UNTRAINED)


def show_others(trained: Mapping[str, Run]) -> None:
    """Show a card for each preset that is not chosen, with which it can be. Argument as above."""
    chosen = current()
    scrolling.follow(chosen)
    st.header("Other presets", anchor=False)
    others = [name for name in PRESETS if name != chosen]
    _show_cards([name for name in others if name not in ABLATIONS], trained)
    with st.expander("Mistakes to learn from", icon=":material/science:"):
        _show_cards([name for name in others if name in ABLATIONS], trained)


def _show_cards(names: Sequence[str], trained: Mapping[str, Run]) -> None:
    for first in range(0, len(names), A_ROW):
        row = names[first : first + A_ROW]
        for column, name in zip(st.columns(A_ROW), row, strict=False):
            with column.container(border=True, height="stretch", gap="xsmall"):
                describe(name, trained)
                st.space("stretch")
                label = f"Choose {preset_title(name)}"
                st.button(label, on_click=_choose, args=(name,), width="stretch")


def _choose(name: str) -> None:
    _remember(name)
    scrolling.ask()  # to what can be done with it


def _remember(name: str) -> str:
    st.session_state[PRESET] = name
    addressed.write(PRESET, None if name == DEFAULT else name)
    return name
