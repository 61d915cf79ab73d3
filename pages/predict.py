"""Answers for photos: files, the camera, or examples."""

import streamlit as st

from imgcls import examples
from imgcls.datasets import Dataset
from imgcls.runs import Run
from pages import answer, common

TEST_PHOTOS = "Random test photos"
DRAWN = 3  # test photos at a time


def main() -> None:
    """Show the page."""
    st.title("Predict", anchor=False)
    run = common.current_run()
    if run is None or run.status != "finished":
        common.empty(
            "There is no finished run to answer with: choose one in the sidebar, or train one.",
            "pages/train.py",
        )
        return
    st.markdown(
        f"Drop in photos, and see what **{run.title}** makes of them. It knows "
        f"{len(run.class_names)} classes: {', '.join(run.class_names)}."
    )
    photos = _files() + _camera() + _examples(run)
    if not photos:
        st.info("No photo yet: drop some above, use the camera, or choose an example.")
    for number, (name, content) in enumerate(photos):
        answer.show(run, name, content, str(number))


def _files() -> list[tuple[str, bytes]]:
    files = st.file_uploader("Photos", accept_multiple_files=True)
    return [(file.name, file.getvalue()) for file in files]


def _camera() -> list[tuple[str, bytes]]:
    # Asks for permission as soon as it is drawn, and so only when it is wanted.
    if not st.toggle("Use the camera", key="camera"):
        return []
    photo = st.camera_input("Photo from the camera")
    return [("Photo from the camera", photo.getvalue())] if photo else []


def _examples(run: Run) -> list[tuple[str, bytes]]:
    bundled = examples.photos()
    offered = [*bundled, TEST_PHOTOS]
    chosen = st.pills("Examples", offered, key="example", bind="query-params")
    if chosen == TEST_PHOTOS:
        return _test_photos(run, common.current_dataset())
    return [(chosen, bundled[chosen])] if chosen in bundled else []


def _test_photos(run: Run, dataset: Dataset | None) -> list[tuple[str, bytes]]:
    """Return some test photos of the dataset in use, named after what they are."""
    if dataset is None:
        return []
    st.button("Show others", icon=":material/refresh:", on_click=_show_others)
    if dataset.fingerprint != run.record["data"]["fingerprint"]:
        st.caption(f"From {dataset.name}, the dataset in use; the run learned from another one.")
    drawn = dataset.split("test").sample(DRAWN, random_state=st.session_state.get("test draw", 0))
    return [
        (f"A test photo of {dataset.class_names[label]}", dataset.path(file).read_bytes())
        for file, label in zip(drawn["file"], drawn["label"], strict=True)
    ]


def _show_others() -> None:
    st.session_state["test draw"] = st.session_state.get("test draw", 0) + 1


common.run(main)
