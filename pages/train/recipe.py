"""Every setting of a recipe as a form, and how a recipe differs from its preset."""

from collections.abc import Mapping
from dataclasses import Field, fields
from typing import Any

import streamlit as st

from imgcls._utils.names import printable
from imgcls.architectures.network import Network
from imgcls.architectures.registry import NETWORKS
from imgcls.config import TrainConfig, setting_title
from imgcls.paths import models_dir
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.run import Run

GROUPS = {
    "The network": (
        "architecture",
        "image_size",
        "dense_units",
        "dropout",
        "activation",
        "head_start",
    ),
    "Phase 1": ("learning_rate", "schedule", "initial_epochs"),
    "How it is trained": (
        "batch_size",
        "steps_per_phase",
        "views",
        "augmentation",
        "weight_decay",
        "class_weights",
        "seed",
        "engine",
        "label_noise",
        "left_out_classes",
    ),
    "Phase 2": ("fine_tune_at", "fine_tune_learning_rate", "fine_tune_epochs", "batch_norm"),
}


def ask(preset: str) -> dict[str, Any]:
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


def changes(preset: str, values: Mapping[str, Any]) -> list[str]:
    """Return the settings that differ from the preset's, as text: "image size 32, not 160"."""
    usual = PRESETS[preset].to_dict()
    return [
        f"{name.replace('_', ' ')} {value}, not {usual[name]}"
        for name, value in values.items()
        if value != usual[name]
    ]


def ask_for_beginning(network: Network) -> Run | None:
    """Return the run whose fine-tuned base is to be the beginning; None for pretrained weights."""
    found = store.with_tuned_base(models_dir(), network) if network.pretrained else []
    if not found:
        return None
    by_id = {run.id: run for run in found}

    def told(id: str | None) -> str:
        if id is None:
            return "ImageNet's weights"
        return printable(f"{by_id[id].title}, fine-tuned on {by_id[id].dataset_title}")

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


def _ask_for(setting: Field[Any], preset: str, values: Mapping[str, Any]) -> Any:
    limits = setting.metadata
    label = setting_title(setting.name)
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
