"""An answer while collecting: the camera or a file, told by what the photos so far have taught."""

import streamlit as st

from imgcls._utils.formatting import chance
from imgcls.data import uploads
from imgcls.data.collections.collection import Collection
from imgcls.data.images import ImageError
from pages import cached
from pages.classes.cards import MEGABYTE
from pages.components import camera
from pages.components.errors import plain_errors
from pages.components.text import as_text, message

SEEN, ANSWERED = "picture to try", "pictures tried"
MOST = 8  # classes with a bar


@st.fragment
def show(collection: Collection) -> None:
    """Show what it takes for a picture. Only this part is drawn anew for each picture."""
    with plain_errors(), st.container(border=True):
        st.subheader("Try it", anchor=False)
        if cached.instant_classifier(collection) is None:
            st.markdown("An answer stands here as soon as two classes have a photo.")
            return
        if st.toggle("Camera", key="try with the camera"):
            camera.follow("try camera", st.session_state.get(ANSWERED, 0), _see)
            seen = st.session_state.get(SEEN)
        else:
            st.session_state.pop(SEEN, None)
            dropped = st.file_uploader(
                "A photo that it has not learned", max_upload_size=uploads.MAX_BYTES // MEGABYTE
            )
            seen = dropped.getvalue() if dropped else None
        if seen:
            _answer(collection, seen)


def _see(pictures: list[bytes]) -> None:
    st.session_state[ANSWERED] = st.session_state.get(ANSWERED, 0) + 1
    if pictures:
        st.session_state[SEEN] = pictures[-1]


def _answer(collection: Collection, content: bytes) -> None:
    classifier = cached.instant_classifier(collection)
    assert classifier is not None
    try:
        facts = cached.photo_examiner()(content)
    except ImageError as error:
        st.error(message(error), icon=":material/broken_image:")
        return
    found = classifier.predict(facts.features)
    shown = {name for name, _ in found[:MOST]}
    # In their own order: bars that change places cannot be followed.
    for name, share in sorted(found):
        if name in shown:
            told = f"{as_text(name)}: {chance(share)}"
            st.progress(share, f"**{told}**" if name == found[0][0] else told)
    st.caption("One of these it has to be. How often it is right stands below.")
