"""A corrected photo can be learned from: it goes into a dataset of one's own."""

import streamlit as st

from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import Collection
from imgcls.data.collections.drops import same_name
from imgcls.inference.explanation import Explanation
from pages.classes import choice, notices
from pages.components.text import as_text


def offer_photo(answered: Explanation, label: str) -> None:
    """Show a button that adds a photo to the dataset last used on *Your classes*.

    Args:
        answered: the photo.
        label: its right class; it is made when the dataset has none of this name.
    """
    collection = choice.last_used()
    if collection is None:
        st.page_link(
            "pages/classes/page.py", label="Teach it with such photos", icon=":material/category:"
        )
        return
    notices.show()
    st.button(
        f"Add it to {as_text(collection_store.read(collection).title)}",
        key=f"collect {answered.id}",
        icon=":material/add_photo_alternate:",
        on_click=_add,
        args=(collection, answered, label),
    )


def _add(collection: Collection, answered: Explanation, label: str) -> None:
    with notices.told():
        known = (name for name in collection.classes() if same_name(name, label))
        name = next(known, None) or collection.add_class(label)
        notices.added(collection.add([(f"{answered.id}.jpg", answered.thumbnail)], name))
