"""Fine-tune the network on one's own photos, and see what came of it."""

from dataclasses import replace

import streamlit as st

from imgcls._utils.formatting import plural
from imgcls.charts.confusion import confusion_heat_map
from imgcls.config import TrainConfig
from imgcls.data.collections import store as collection_store
from imgcls.data.collections.collection import Collection
from imgcls.data.dataset import Dataset
from imgcls.errors import DatasetError
from imgcls.evaluation.intervals import rate
from imgcls.evaluation.metrics import confusion
from imgcls.evaluation.own_photos.judge import with_twins
from imgcls.paths import models_dir
from imgcls.presets import PRESETS
from imgcls.runs import manage
from imgcls.runs.files import PREDICTIONS
from imgcls.runs.run import Run
from imgcls.training import jobs
from imgcls.training.train import find_run
from pages import cached
from pages.classes import notices
from pages.components import take_away, training_status
from pages.components.errors import plain_errors
from pages.components.text import message
from pages.state import RUN, opened, public, use

PRESET = "small-data"
BALANCED = "classes count alike"  # key of the box to tick, which findings tick too
FEWEST = 2  # classes, and photos of each: one is learned from, one is asked for


def show(collection: Collection) -> None:
    """Show the training under way, what it led to, or the button that starts it."""
    st.header("Fine-tune it", anchor=False)
    if public():
        st.info(
            "Not on this server: everybody who opens it would see the run. On a machine of your "
            "own, `make app` starts the app with training."
        )
        return
    counts = [len(collection.photos(name)) for name in collection.classes()]
    if len(counts) < FEWEST or min(counts) < FEWEST:
        st.info("Not yet: at least two classes are needed, with two photos each.")
        return
    try:
        dataset = opened(collection.root.resolve())
    except DatasetError as error:
        st.info(f"Not yet. {message(error)}")
        return
    balanced = st.checkbox(
        "Photos of small classes count more",
        key=BALANCED,
        help="The classes then count alike, however many photos each has.",
    )
    config = replace(PRESETS[PRESET], class_weights="balanced" if balanced else "none")
    run = find_run(config, dataset, models_dir(), preset=PRESET)
    if run is not None and run.status == "finished":
        _show_result(run, collection, dataset)
        return
    training_status.show()
    if run is not None and training_status.under_way() and _is_judged(run):
        # The last files are still being written: without them nothing is answered yet.
        _show_result(run, collection, dataset)
        return
    if not jobs.allowed():
        st.info("Trainings cannot be started on this server.")
    elif training_status.under_way():
        st.button("Fine-tune", disabled=True, icon=":material/model_training:")
        st.caption("One training at a time: wait for the one above or stop it.")
        _wait_for_result(config, dataset)
    elif run is not None:
        training_status.offer_resume(run, dataset)
    else:
        jobs.prepare(models_dir())
        st.markdown(
            "Until here only a classifier on top of the frozen network was fitted. Fine-tuning "
            "trains a new head, then the network's upper layers, and keeps the result as a run: "
            "for Predict, with Grad-CAM, to export."
        )
        if st.button("Fine-tune", type="primary", icon=":material/model_training:"):
            with notices.told():
                jobs.start_training(
                    models_dir(), str(dataset.root), PRESET, config, _free_name(collection)
                )
            st.rerun()


@st.fragment(run_every=training_status.SECONDS_BETWEEN_LOOKS)
def _wait_for_result(config: TrainConfig, dataset: Dataset) -> None:
    """Draw the page anew as soon as the training has judged the held-out photos."""
    with plain_errors():
        run = find_run(config, dataset, models_dir(), preset=PRESET)
        if run is not None and _is_judged(run):
            st.rerun()


def _is_judged(run: Run) -> bool:
    return run.file(PREDICTIONS).is_file()


def _free_name(collection: Collection) -> str:
    photos = plural(len(collection.photos()), "photo")
    title = f"{collection_store.read(collection).title}, {photos}"
    return manage.unused_name(models_dir(), title)


def _show_result(run: Run, collection: Collection, dataset: Dataset) -> None:
    held_out = cached.predictions(run)
    right = held_out["label"] == held_out["predicted"]
    correct = int(right.sum())
    st.markdown(
        f"**{rate(correct, len(held_out), 'held-out photos')}** right after fine-tuning. They are "
        "a fifth of each class, and no photo among them was trained on."
    )
    twins = with_twins(
        cached.examined(collection), held_out["file"], dataset.split("train")["file"]
    )
    if twins:
        others = right[~held_out["file"].isin(twins)]
        st.warning(
            f"{plural(len(twins), 'photo')} of them are nearly the same as one that was trained "
            f"on. Without them: {rate(int(others.sum()), len(others), 'held-out photos')}.",
            icon=":material/burst_mode:",
        )
    names = run.class_titles
    counts = confusion(held_out["label"].to_numpy(), held_out["predicted"].to_numpy(), names)
    st.plotly_chart(
        confusion_heat_map(counts, percent=False),
        key="fine-tuned matrix",
        config={"displayModeBar": False},
        alt=f"Confusion matrix after fine-tuning: {correct} of {len(held_out)} on the diagonal",
    )
    if run.status != "finished":
        return
    with st.container(horizontal=True):
        for label, file in (
            ("Try it on Predict", "pages/predict/page.py"),
            ("All its results", "pages/results/page.py"),
        ):
            if st.button(label, key=label):
                use(RUN, run.id)
                st.switch_page(file, query_params={})
    st.subheader("Take it away", anchor=False)
    take_away.show(run, dataset)
