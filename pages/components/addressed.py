"""A choice that stands in the address by its key: what people read may change, links may not."""

from collections.abc import Mapping

import streamlit as st

from imgcls._utils.names import printable


def segmented_control(label: str, options: Mapping[str, str], key: str) -> str:
    """Show a segmented control, the first option being the default, and return what is chosen.

    `bind="query-params"` would write the label into the address.

    Args:
        label: of the control.
        options: key -> what is shown for it.
        key: of the widget, and the name in the address.

    Returns:
        A key of `options`.
    """
    default = next(iter(options))
    _follow(options, key, default)
    chosen = st.segmented_control(
        label, list(options), required=True, key=key, format_func=options.__getitem__
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


def write(key: str, value: str | None) -> None:
    """Let the address say this, or with None nothing, of a key."""
    if value == st.query_params.get(key):
        return
    if value is None:
        del st.query_params[key]
    else:
        st.query_params[key] = value


def _follow(options: Mapping[str, str], key: str, default: str) -> None:
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
