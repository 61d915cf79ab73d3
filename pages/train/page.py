"""Train: the recipe as a form, what it makes of the network, and the training as it goes."""

from collections.abc import Mapping
from dataclasses import Field, fields, replace
from typing import Any

import pandas as pd
import streamlit as st

from imgcls._utils import formatting
from imgcls._utils.names import printable
from imgcls.architectures.network import Network, Pretrained
from imgcls.architectures.registry import NETWORKS
from imgcls.config import ABLATIONS, PRESETS, ConfigError, TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.networks.blocks import blocks
from imgcls.networks.layers import describe
from imgcls.networks.weights import cached_weights, described, download, find_local_weights
from imgcls.paths import DIGITS, models_dir
from imgcls.runs import store
from imgcls.runs.run import Run
from imgcls.training import jobs, train
from pages.components import training_status
from pages.components.errors import plain_errors
from pages.components.text import as_text, message
from pages.state import DATA, current_dataset, photos_location, use

GROUPS = {
    "The network": (
        "architecture",
        "image_size",
        "dense_units",
        "dropout",
        "activation",
        "head_start",
    ),
    "Phase 1": ("learning_rate", "initial_epochs"),
    "How it is trained": (
        "batch_size",
        "steps_per_phase",
        "views",
        "class_weights",
        "seed",
        "engine",
        "label_noise",
        "left_out_classes",
    ),
    "Phase 2": ("fine_tune_at", "fine_tune_learning_rate", "fine_tune_epochs", "batch_norm"),
}


def main() -> None:
    """Show the page."""
    st.title("Train", anchor=False)
    st.markdown(
        "Choose a recipe and start. Training is a process of its own: it goes on when you leave "
        "this page or close the browser."
    )
    training_status.show()
    dataset = current_dataset()
    if dataset is None:
        if photos_location() is None:
            _offer_other_photos()
        return
    training_status.offer_sweep(dataset)
    # Shown first and filled last: what can be done depends on the settings below.
    box = st.container(border=True)
    preset = box.selectbox("Preset", list(PRESETS), key="preset", persist_state="session")
    if preset in ABLATIONS:
        box.caption(f"A mistake, to see what it does: {ABLATIONS[preset][1]}.")
    settings = _ask(preset)
    try:
        config = replace(PRESETS[preset], **settings)
    except ConfigError as error:
        box.error(message(error), icon=":material/error:")
        return
    with box:
        start_from = _ask_for_beginning(config.network)
        _show_facts(config, dataset, start_from)
        with plain_errors():
            _offer_training(preset, config, dataset, start_from)
    _show_network(config, len(dataset.classes))


def _offer_other_photos() -> None:
    """Say what to do where the photos of the open project are not on this machine."""
    st.info(
        "The photos of this project are not on this machine, so nothing can be trained on them."
    )
    with st.container(horizontal=True):
        st.button("Train on the digits", type="primary", on_click=use, args=(DATA, DIGITS))
        st.page_link("pages/dataset/page.py", label="Fetch the photos on Dataset")


def _ask(preset: str) -> dict[str, Any]:
    """Show every setting with what it does, and return the values."""
    known = {setting.name: setting for setting in fields(TrainConfig)}
    values: dict[str, Any] = {}
    for column, group in zip(st.columns(2) * 2, GROUPS, strict=True):
        with column.container(border=True):
            st.subheader(group, anchor=False)
            for name in GROUPS[group]:
                values[name] = _ask_for(known[name], preset, values)
                st.caption(known[name].metadata["help"])
    return values


def _ask_for(setting: Field[Any], preset: str, values: Mapping[str, Any]) -> Any:
    limits = setting.metadata
    label = setting.name.replace("_", " ").capitalize()
    default = getattr(PRESETS[preset], setting.name)
    low, high = limits["at_least"], limits["at_most"]
    # A key for each preset, so that another one brings its own values.
    key = f"{preset}.{setting.name}"
    choices = limits["choices"]
    if limits["multiple_of"]:
        choices = range(low, high + 1, limits["multiple_of"])
    network = NETWORKS[values.get("architecture", default)]
    if setting.name == "engine" and network.pretrained and not network.cached:
        choices, default, key = ("plain",), "plain", f"{key}.{network.name}"
    if choices:
        place = choices.index(default)
        return st.selectbox(label, choices, place, key=key, persist_state="session")
    if setting.name == "fine_tune_at":  # a place among the layers, unlike the other whole numbers
        high = network.base_layers - 1 if network.pretrained else high
        return st.slider(label, low, high, default, key=f"{key}.{high}", persist_state="session")
    if isinstance(default, int):
        return st.number_input(label, low, high, default, key=key, persist_state="session")
    return st.number_input(
        label,
        low,
        high,
        default,
        step=default / 10 or 0.1,
        format="%g",
        key=key,
        persist_state="session",
    )


def _ask_for_beginning(network: Network) -> Run | None:
    """Return the run whose fine-tuned base is to be the beginning; None for pretrained weights."""
    found = store.with_tuned_base(models_dir(), network) if network.pretrained else []
    if not found:
        return None
    by_id = {run.id: run for run in found}

    def told(id: str | None) -> str:
        if id is None:
            return "ImageNet's weights"
        return printable(f"{by_id[id].title}, fine-tuned on {by_id[id].dataset}")

    chosen = st.selectbox(
        "Begin with",
        [None, *by_id],
        format_func=told,
        key=f"begin with.{network.name}",
        persist_state="session",
        help="A run on photos like these has learned more of what counts in them. Its base begins "
        "as fine-tuned; the head is new.",
    )
    return by_id[chosen] if chosen else None


def _show_facts(config: TrainConfig, dataset: Dataset, start_from: Run | None) -> None:
    table = describe(config, len(dataset.classes))
    with st.container(horizontal=True):
        st.metric("Parameters", f"{table['total_params']:,}")
        for number, phase in enumerate(table["phases"], start=1):
            trained = f"{phase['trainable_params']:,}"
            st.metric(f"Trained in phase {number} ({phase['name']})", trained)
        photos = (dataset.table["split"] == "train").sum()
        st.metric(f"Training photos ({as_text(dataset.name)})", f"{photos:,}")
    if start_from is not None:
        st.caption(f"Base weights: those that {as_text(start_from.title)} has fine-tuned.")
    elif config.network.pretrained is None:
        st.caption("Base weights: none, the network starts from noise.")
    else:
        _show_base_weights(config.network, config.network.pretrained, config.image_size)


def _show_base_weights(network: Network, keras: Pretrained, size: int) -> None:
    in_runs = store.bases(models_dir(), network)
    found = find_local_weights(size, in_runs=in_runs, network=network)
    if found is None:
        said = (
            f"not on this machine; they are downloaded when training starts ({keras.megabytes} MB)"
        )
    else:
        what = described(found.note, found.size)
        said = as_text(f"{what} ({found.path.name}, SHA-256 {found.sha256[:8]}…)")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Base weights: {said}.")
        wanted = (
            cached_weights(size, network) is None
            and jobs.allowed()
            and st.button(
                f"Fetch Keras's own ({keras.megabytes} MB)",
                icon=":material/download:",
                help="They are used from then on. Runs made from other weights are not found "
                "again by the same recipe, since they are other experiments.",
            )
        )
    if wanted:
        with plain_errors():
            with st.spinner("Fetching Keras's own weights"):
                download(size, network)
            st.rerun()


def _offer_training(
    preset: str, config: TrainConfig, dataset: Dataset, start_from: Run | None
) -> None:
    """Show the one button that fits: load, resume or train."""
    known = train.find_run(config, dataset, models_dir(), preset=preset, start_from=start_from)
    if known and known.status == "finished":
        trained = formatting.day(known.record.created)
        training_status.offer_results(known, f"Load the cached result (trained on {trained})")
    elif not jobs.allowed():
        st.info(
            "Trainings cannot be started on this server; the finished ones can be looked at. On a "
            "machine of your own, `make app` starts the app with training."
        )
    elif training_status.under_way():
        st.button("Train", disabled=True, icon=":material/model_training:")
        st.caption("One training at a time: wait for the one above or stop it.")
    elif known and training_status.shows(known):
        st.caption("This very training was begun and is not over: resume it above.")
    elif known:
        training_status.offer_resume(known, dataset)
    else:
        name = st.text_input("Name of the run (optional)", max_chars=80)
        if st.button("Train", type="primary", icon=":material/model_training:"):
            location = training_status.location(dataset)
            with plain_errors():
                beginning = start_from.id if start_from else None
                jobs.start_training(
                    models_dir(), location, preset, config, name, start_from=beginning
                )
                st.rerun()


def _show_network(config: TrainConfig, classes: int) -> None:
    st.header("The network, from photo to answer", anchor=False)
    trained = {f"trained in phase {phase.number}": phase.first_trainable for phase in config.phases}
    table = pd.DataFrame(
        {
            "part": block.name,
            "base layers": block.base_indices,
            "output": " x ".join(map(str, block.output_shape)),
            "parameters": block.params,
            **{title: block.trained_params(first) for title, first in trained.items()},
        }
        for block in blocks(config, classes)
    )
    numbers = table.columns[3:]
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        column_config=dict.fromkeys(numbers, st.column_config.NumberColumn(format="localized")),
        alt="Parts of the network and their parameters",
    )
    st.caption("Numbers of parameters; 0 where the phase leaves the part as it is.")


main()
