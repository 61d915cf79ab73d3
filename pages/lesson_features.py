"""Not a page: part 2 of the lesson on Learn, what the network sees."""

import pandas as pd
import streamlit as st

from imgcls.blocks import blocks
from imgcls.config import PRESETS, TrainConfig
from imgcls.runs import Run
from pages.lesson_photo import Photo

PARTS = {
    "Batch normalization": (
        "Shifts and scales each feature map to mean 0 and spread 1, then to a mean and a spread "
        "that are learned. This makes deep networks trainable. In training, mean and spread are "
        "usually those of the batch; in use, those remembered. With few photos, what is "
        "remembered is better left alone: here it stays as ImageNet made it, in both phases."
    ),
    "Inverted residual bottleneck": (
        "The building block of MobileNetV2. A 1 x 1 convolution widens the feature maps six times, "
        "a depthwise 3 x 3 one looks at the neighbourhood, and another 1 x 1 one, without ReLU, "
        "narrows them again. Where input and output have the same shape the input is added to the "
        "result (residual): the block only has to learn what to change."
    ),
    "Global average pooling": (
        "Takes the mean of each feature map. What is left of a photo is a list of 1,280 numbers, "
        "each saying how much of one thing there is in it, wherever it is."
    ),
    "Dense": (
        "Each unit adds up all its inputs, each times a weight of its own, and its bias. The last "
        "dense layer has one unit a class."
    ),
}


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Show the network layer by layer."""
    config = run.config if run else PRESETS["paper"]
    classes = len(run.class_names) if run else 10
    _show_network(config, classes, "the run in use" if run else "the paper")
    _show_parts()


def _show_network(config: TrainConfig, classes: int, whose: str) -> None:
    st.subheader("The network", anchor=False)
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


def _show_parts() -> None:
    for column, name in zip(st.columns(2) * len(PARTS), PARTS, strict=False):
        with column.container(border=True):
            st.subheader(name, anchor=False)
            st.markdown(PARTS[name])
