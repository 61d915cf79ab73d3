"""A choice that stands in the address by its key: what people read may change, links may not.

`bind="query-params"` would write the label into the address. And when a page is left, Streamlit
takes what is bound out of the address that is left, as a step of its own: a step back would lead
to the page as it is at first.
"""

from collections.abc import Collection, Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from imgcls._utils.names import printable


def segmented_control(label: str, options: Mapping[str, str] | Sequence[str], key: str) -> str:
    """Show a segmented control, the first option being the default, and return what is chosen.

    Args:
        label: of the control.
        options: key -> what is shown for it; or keys, shown as they are.
        key: of the widget, and the name in the address.

    Returns:
        A key of `options`.
    """
    titles = options if isinstance(options, Mapping) else {name: name for name in options}
    default = next(iter(titles))
    _follow(titles, key, default)
    chosen = st.segmented_control(
        label, list(titles), required=True, key=key, format_func=titles.__getitem__
    )
    return _remember(str(chosen), key, default)


def selectbox(label: str, options: Mapping[str, str], key: str, default: str) -> str:
    """Show a select box and return the key of what is chosen. Arguments as above.

    Args:
        label: of the box.
        options: key -> what is shown for it.
        key: of the widget, and the name in the address.
        default: the key that is chosen at first, which does not stand in the address.
    """
    _follow(options, key, default)
    chosen = st.selectbox(label, list(options), key=key, format_func=options.__getitem__)
    return _remember(str(chosen), key, default)


def select_slider(label: str, options: Sequence[str], key: str, default: str) -> str:
    """Show a slider over names and return the one that is chosen. Arguments as above."""
    _follow(options, key, default)
    return _remember(str(st.select_slider(label, options, key=key)), key, default)


def tabs(names: Sequence[str], key: str) -> tuple[str, DeltaGenerator]:
    """Show tabs, the first one being the default, and return the name and place of the open one.

    Args:
        names: of the tabs.
        key: of the widget, and the name in the address.
    """
    _follow(names, key, names[0])
    shown = zip(names, st.tabs(names, key=key, on_change="rerun"), strict=True)
    chosen, place = next((name, tab) for name, tab in shown if tab.open)
    return _remember(chosen, key, names[0]), place


def write(key: str, value: str | None) -> None:
    """Let the address say this, or with None nothing, of a key."""
    if value == st.query_params.get(key):
        return
    if value is None:
        del st.query_params[key]
    else:
        st.query_params[key] = value


def _follow(options: Collection[str], key: str, default: str) -> None:
    """Choose what the address says when it was changed by a link, or by a step back."""
    shown = st.query_params.get(key)
    written, before = st.session_state.get(_written(key), (None, None))
    if shown == written and st.session_state.get(key) in options:
        # A default that nobody chose gives way to a new one.
        if written is not None or st.session_state[key] != before:
            return
        shown = None
    by_address = {printable(option): option for option in options}
    st.session_state[key] = by_address.get(shown or "", default)


def _remember(chosen: str, key: str, default: str) -> str:
    """Let the address say what is chosen, unless that is the default."""
    wanted = None if chosen == default else printable(chosen)
    write(key, wanted)
    st.session_state[_written(key)] = (wanted, default)
    return chosen


def _written(key: str) -> str:
    return f"{key} in the address"
