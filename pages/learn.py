"""Learn: the network part by part, what each part does, and what transfer learning can do."""

import pandas as pd
import streamlit as st

from imgcls.architecture import describe
from imgcls.blocks import blocks
from imgcls.config import PRESETS, TrainConfig
from pages import common

PARTS = {
    "Convolution": (
        "A small window, here 3 x 3 or 1 x 1 pixels, slides over the picture. At each place its "
        "numbers, the kernel, are multiplied with the pixels below and added up: one number of a "
        "new picture, the feature map. A kernel answers strongly where the picture looks like it: "
        "the first ones find edges and colours, later ones textures, then parts of things. What "
        "the kernels look for is learned. A *depthwise* convolution treats each feature map on "
        "its own, which takes far fewer multiplications."
    ),
    "ReLU and ReLU6": (
        "Sets negative numbers to zero and leaves the others as they are. Without such a bend "
        "between them, two layers could always be replaced by one. MobileNetV2 also cuts off "
        "above 6 (ReLU6), so that the numbers stay precise in cheap arithmetic."
    ),
    "Pooling": (
        "Makes a feature map smaller: of each 2 x 2 numbers, max pooling keeps the largest. What "
        "was found stays, where exactly it was does not matter as much. The small CNN does this; "
        "MobileNetV2 lets some of its convolutions move two pixels at a time instead."
    ),
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
    "Dropout": (
        "In training, switches off a random share of the units at each step, so that no unit can "
        "rely on another one. In use it does nothing."
    ),
    "Sigmoid": (
        "Squeezes any number into 0 to 1. The paper ends its network with it, although the ten "
        "classes exclude each other and softmax, which makes the ten add up to 1, is usual. Here "
        "both train identically: Keras 3's sparse categorical cross-entropy does not use the "
        "outputs of a sigmoid, but takes the numbers before it (the logits) and applies softmax "
        "to them. The probabilities in this app are the softmax of the logits too."
    ),
}


def main() -> None:
    """Show the page."""
    st.title("Learn", anchor=False)
    run = common.current_run()
    config = run.config if run else PRESETS["paper"]
    classes = len(run.class_names) if run else 10
    _show_phases(config, classes)
    _show_network(config, classes, "the run in use" if run else "the paper")
    _show_parts()
    _show_limits()


def _show_phases(config: TrainConfig, classes: int) -> None:
    network = describe(config, classes)
    st.header("Two phases", anchor=False)
    st.markdown(
        "Training a network from nothing takes many photos. Transfer learning starts with one that "
        "was trained on the 1.3 million photos of ImageNet, cuts off its last layer and puts a new "
        "head on it.\n\n"
        "1. **Frozen base.** Only the head is trained. It starts from random numbers, and the "
        "large corrections this takes would destroy what the base knows.\n"
        "2. **Fine-tuning.** The last layers of the base are trained too, in steps ten times "
        "smaller. The first layers stay: edges and textures are useful for any photo."
    )
    with st.container(horizontal=True):
        st.metric("Parameters", f"{network['total_params']:,}")
        for number, phase in enumerate(network["phases"], start=1):
            trained = f"{phase['trainable_params']:,}"
            st.metric(f"Trained in phase {number} ({phase['name']})", trained)


def _show_network(config: TrainConfig, classes: int, whose: str) -> None:
    st.header("The network", anchor=False)
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
    st.header("What each part does", anchor=False)
    for column, first in zip(st.columns(2), (0, 1), strict=True):
        for name in list(PARTS)[first::2]:
            with column.container(border=True):
                st.subheader(name, anchor=False)
                st.markdown(PARTS[name])


def _show_limits() -> None:
    st.header("What transfer learning can and cannot do", anchor=False)
    st.markdown(
        "It works when the new task resembles the old one. The paper's ten classes are themselves "
        "classes of ImageNet, and so three epochs with a frozen base already get 98 % of its "
        "validation photos right. It cannot conjure up what the base has never needed: the "
        "bundled **digits** are drawings of 8 x 8 pixels and look like nothing in ImageNet. With "
        "the same recipe at 160 px, 71 % of 291 validation digits are right after phase 1, and it "
        "takes phase 2, which changes the base itself, to reach 88 %. The small CNN, trained from "
        "noise on the 1,442 training digits, reaches 72 % in ten epochs."
    )
    st.page_link("pages/train.py", label="Try it: train on digits, then compare the two phases")


common.run(main)
