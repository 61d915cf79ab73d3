"""Batch normalization: what it does to a feature map, and what is left of it in use."""

import streamlit as st

from imgcls._utils.arrays import FloatArray
from imgcls._utils.formatting import percent
from imgcls.charts.lesson import histograms
from imgcls.data.images import ImageError, read_rgb
from imgcls.lesson.normalization import normalize, sums
from imgcls.networks import feature_info
from imgcls.runs.run import Run, RunError
from pages import cached
from pages.components.errors import plain_errors
from pages.learn.photo import Photo

MAPS = 12  # liveliest maps that can be chosen
TEXT = (
    "Behind the convolutions stand **batch normalizations**. Each takes from a feature map its "
    "mean and divides by its spread (the standard deviation): mean 0, spread 1. "
    "Then it multiplies by a *scale* and adds a *shift*, two numbers a map that are learned. This "
    "makes deep networks trainable (Ioffe & Szegedy 2015).\n\n"
    "In training, mean and spread are usually those of the batch; in use, those remembered. With "
    "few photos, what is remembered is better left alone: in a pretrained base the recipes here "
    "leave it as it is, in both phases. The preset *batch-norm* shows what happens otherwise."
)
FOLDED = (
    "Mean and spread are those of this one photo here; the network takes those that it remembers. "
    "In use all four numbers are fixed, so the programs that answer have the factor in the kernel, "
    "as in *before*, and the rest in its bias: there the normalization costs nothing."
)


def show(run: Run | None, photo: Photo) -> None:
    """Explain it, and let the current run's first feature maps be normalized."""
    st.subheader("Normalization", anchor=False)
    st.markdown(TEXT)
    if run is None or not run.can_predict:
        return
    try:
        predictor = cached.predictor(run)
        kernels = predictor.kernels(feature_info.first_convolution(run.config))
        found = sums(read_rgb(photo.content, predictor.image_size), kernels)
    except (RunError, ImageError):  # the feature maps above say why
        return
    _try(found)


@st.fragment
def _try(found: FloatArray) -> None:
    with plain_errors():
        channels = feature_info.liveliest(found, MAPS)
        left, right = st.columns([2, 3])
        with left:
            number = st.slider(
                "Map of the first convolution, from the liveliest", 1, len(channels), key="norm map"
            )
            scale = st.slider("Scale", 0.25, 2.0, 1.0, 0.25, key="norm scale")
            shift = st.slider("Shift", -2.0, 2.0, 0.0, 0.25, key="norm shift")
        before = found[..., channels[number - 1]]
        after = normalize(before, scale, shift)
        told = {"before": before, "after": after}
        right.plotly_chart(
            histograms({name: values.ravel() for name, values in told.items()}),
            config={"displayModeBar": False},
            key="normalized",
            alt="Numbers of the feature map: " + "; ".join(map(_told, told, told.values())),
        )
        st.markdown(". ".join(_told(f"**{name.capitalize()}**", told[name]) for name in told) + ".")
        st.caption(
            f"The {before.shape[0]} x {before.shape[1]} numbers that this kernel makes of the "
            "photo, without the edge where the network pads it. What lies below zero is cut off by "
            f"the ReLU behind it. {FOLDED}"
        )


def _told(name: str, values: FloatArray) -> str:
    return (
        f"{name}: mean {values.mean():.2f}, spread {values.std():.2f}, above zero "
        f"{percent((values > 0).mean())}"
    )
