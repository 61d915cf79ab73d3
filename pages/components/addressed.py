"""A choice that stands in the address by its key: what people read may change, links may not."""

from collections.abc import Mapping

import streamlit as st


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
    if st.session_state.get(key) not in options:
        wanted = st.query_params.get(key, default)
        st.session_state[key] = wanted if wanted in options else default
    chosen = st.segmented_control(
        label, list(options), required=True, key=key, format_func=options.__getitem__
    )
    if chosen == default:
        st.query_params.pop(key, None)
    else:
        st.query_params[key] = str(chosen)
    return str(chosen)
