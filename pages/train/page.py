"""Train: a preset, its recipe, what it makes of the network, and the training as it goes."""

from dataclasses import replace

import streamlit as st

from imgcls._utils import formatting
from imgcls.architectures.registry import NETWORKS
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.paths import DIGITS, models_dir
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.run import Run
from imgcls.training import jobs, train
from pages.components import training_status
from pages.components.errors import plain_errors
from pages.components.text import as_text
from pages.state import DATA, current_dataset, opened, photos_location, use
from pages.train import network, presets, recipe

TRAIN_ICON = ":material/model_training:"
OFF = (
    "Trainings cannot be started on this server; the finished ones can be looked at. On a machine "
    "of your own, `make app` starts the app with training."
)


def main() -> None:
    """Show the page."""
    st.title("Train", anchor=False)
    training_status.show()
    dataset = current_dataset()
    if dataset is None:
        if photos_location() is None:
            _offer_digits()
        return
    training_status.offer_unfinished(dataset)
    training_status.offer_sweep(dataset)
    trained = store.newest_on(models_dir(), dataset.fingerprint)
    preset = presets.current()
    with st.container(border=True):
        presets.describe(preset, trained)
        # Shown first and filled last: what can be done depends on the settings below.
        place = st.container()
        with st.expander("Change the recipe", icon=":material/tune:"):
            name = st.text_input("Name of the run (optional)", max_chars=80)
            values = recipe.ask(preset)
            start_from = recipe.ask_for_beginning(NETWORKS[values["architecture"]])
    changed = recipe.changes(preset, values)
    if changed:
        place.markdown(f"**Changed:** {as_text('; '.join(changed))}.")
    config = None
    with place, plain_errors():
        config = replace(PRESETS[preset], **values)
        _offer_training(preset, config, dataset, start_from, name)
    presets.show_others(trained)
    if config is not None:
        network.show(config, dataset, start_from)


def _offer_digits() -> None:
    """Offer the digits where the photos of the open project are not on this machine."""
    st.info(
        "The photos of this project are not on this machine. Train on the digits instead: small "
        "pictures of handwriting, which are."
    )
    on_digits = [run for run in store.readable(models_dir()) if run.dataset == DIGITS]
    trained = store.newest_of_presets(on_digits)
    preset = presets.current()
    with st.container(border=True):
        presets.describe(preset, trained)
        with st.container(horizontal=True, vertical_alignment="center"):
            if jobs.allowed() and st.button(
                "Train on the digits",
                type="primary",
                icon=TRAIN_ICON,
                disabled=training_status.under_way(),
            ):
                _train_on_digits(preset)
            st.button("Open the digits", on_click=use, args=(DATA, DIGITS))
            st.page_link("pages/dataset/page.py", label="Fetch this project's photos on Dataset")
    if not jobs.allowed():
        st.info(OFF)
    presets.show_others(trained)


def _train_on_digits(preset: str) -> None:
    with plain_errors():
        digits = opened(DIGITS)
        config = train.with_new_seed(PRESETS[preset], digits, models_dir(), preset=preset)
        use(DATA, DIGITS)
        _start(preset, config, digits)


def _offer_training(
    preset: str, config: TrainConfig, dataset: Dataset, start_from: Run | None, name: str
) -> None:
    """Show the one button that fits: see results, resume or train."""
    known = train.find_run(config, dataset, models_dir(), preset=preset, start_from=start_from)
    if known and known.status == "finished":
        _offer_known(preset, config, dataset, start_from, known)
    elif not jobs.allowed():
        st.info(OFF)
    elif training_status.under_way():
        st.button("Train", disabled=True, icon=TRAIN_ICON)
        st.caption("One training at a time: wait for the one above or stop it.")
    elif known and training_status.shows(known):
        st.caption("Started, not finished: resume it above.")
    elif known:
        training_status.offer_resume(known, dataset)
    else:
        jobs.prepare(models_dir())
        if st.button("Train", type="primary", icon=TRAIN_ICON):
            _start(preset, config, dataset, name, start_from)
        st.caption("Training goes on when you leave this page or close the browser.")


def _offer_known(
    preset: str, config: TrainConfig, dataset: Dataset, start_from: Run | None, known: Run
) -> None:
    """Lead to the results of a recipe that was trained already, or train it with another seed."""
    st.caption(
        f"Trained already, on {formatting.day(known.record.created)}: the same recipe, photos and "
        "base weights give the same figures."
    )
    with st.container(horizontal=True, key="offers"):
        if not training_status.shows(known):
            training_status.offer_results(known, "Show its results")
        if jobs.allowed() and st.button(
            "Train it with another seed", icon=TRAIN_ICON, disabled=training_status.under_way()
        ):
            seeded = train.with_new_seed(
                config, dataset, models_dir(), preset=preset, start_from=start_from
            )
            _start(preset, seeded, dataset, start_from=start_from)


def _start(
    preset: str,
    config: TrainConfig,
    dataset: Dataset,
    name: str = "",
    start_from: Run | None = None,
) -> None:
    beginning = start_from.id if start_from else None
    location = training_status.location(dataset)
    jobs.start_training(models_dir(), location, preset, config, name, start_from=beginning)
    st.rerun()


main()
