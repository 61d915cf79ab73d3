"""The whole network, layer by layer."""

import pandas as pd
import streamlit as st

from imgcls.config import TrainConfig
from imgcls.networks.blocks import blocks


def show(config: TrainConfig, classes: int, whose: str) -> None:
    """Show the parts of a network, and the layers of one of them."""
    parts = blocks(config, classes)
    layers = sum(len(part.layers) for part in parts)
    st.markdown(
        f"That of {whose}, from photo to answer: {layers} layers in {len(parts)} parts. On the way "
        "the picture gets smaller and the feature maps more."
    )
    number = st.column_config.NumberColumn(format="localized")
    st.dataframe(
        pd.DataFrame(
            {
                "part": part.name,
                "layers of the base": part.base_indices,
                "made of": part.types,
                "output": " x ".join(map(str, part.output_shape)),
                "parameters": part.params,
            }
            for part in parts
        ),
        hide_index=True,
        height="content",
        column_config={"parameters": number},
        alt="Parts of the network, from photo to answer",
    )
    chosen = st.selectbox("Look into a part", parts, format_func=lambda part: part.name)
    st.dataframe(
        pd.DataFrame(
            {
                "layer": layer.name,
                "number in the base": "" if layer.base_index is None else str(layer.base_index),
                "type": layer.type,
                "output": " x ".join(map(str, layer.output_shape)),
                "parameters": layer.params,
            }
            for layer in chosen.layers
        ),
        hide_index=True,
        column_config={"parameters": number},
        alt=f"Layers of {chosen.name}",
    )
