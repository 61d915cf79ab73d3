"""What a recipe makes of the network: phases, base weights, and part by part."""

import pandas as pd
import streamlit as st

from imgcls.architectures.network import Network, Pretrained
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.networks.blocks import blocks
from imgcls.networks.weights import cached_weights, described, download, find_local_weights
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.run import Run
from imgcls.training import jobs
from pages.components import phase_pictures
from pages.components.errors import plain_errors
from pages.components.text import as_text


def show(config: TrainConfig, dataset: Dataset, start_from: Run | None) -> None:
    """Show what will be trained, on what, and what it begins with."""
    st.header("What will be trained?", anchor=False)
    phase_pictures.show(config, len(dataset.classes))
    photos = (dataset.table["split"] == "train").sum()
    st.caption(f"Learned from: {photos:,} training photos of {as_text(dataset.title)}.")
    if start_from is not None:
        st.caption(f"Base weights: those that {as_text(start_from.title)} has fine-tuned.")
    elif config.network.pretrained is None:
        st.caption("Base weights: none, the network starts from noise.")
    else:
        _show_base_weights(config.network, config.network.pretrained, config.image_size)
    with st.expander("The network part by part, from photo to answer"):
        _show_parts(config, len(dataset.classes))


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


def _show_parts(config: TrainConfig, classes: int) -> None:
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
