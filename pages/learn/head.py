"""From the last feature maps to an answer: pooling or flattening, and the dense layers."""

import pandas as pd
import streamlit as st

from imgcls.charts.lesson import costs
from imgcls.config import TrainConfig
from imgcls.lesson.head import FLATTENED, POOLED, Dense, base_params, heads, last_maps
from pages.components.errors import plain_errors

UNITS = tuple(2**power for power in range(3, 11))


def show(config: TrainConfig, classes: int) -> None:
    """Explain the head, and let the units of its first dense layer be chosen."""
    height, width, channels = last_maps(config)
    st.subheader("From maps to an answer", anchor=False)
    st.markdown(
        "**Global average pooling** takes the mean of each of the last feature maps. What is left "
        f"of a photo is a list of {channels:,} numbers, each saying how much of one thing there is "
        "in it, wherever it is.\n\n"
        f"**Flatten** would write all {height} x {width} x {channels:,} = "
        f"{height * width * channels:,} numbers one behind the other. That keeps where each thing "
        "is. But what is learned of it at one place is not known at another, and photos of another "
        "size would not fit.\n\n"
        "Two **dense** layers turn the list into an answer: each of their units adds up all its "
        "inputs, each times a weight of its own, and its bias. So a dense layer has **inputs x "
        "units + units** parameters. The last one has one unit a class. These two layers are the "
        "head, the part that is new in transfer learning."
    )
    _choose(config, classes)


@st.fragment
def _choose(config: TrainConfig, classes: int) -> None:
    with plain_errors():
        own = config.dense_units
        units = st.select_slider(
            "Units of the first dense layer",
            sorted({*UNITS, own}),
            own,
            key=f"dense units {own}",
            help=f"The recipe takes {own}.",
        )
        found = heads(config, units, classes)
        _show_layers(found)
        base = base_params(config)
        counts = {before: sum(layer.params for layer in layers) for before, layers in found.items()}
        bars = {"all below the head": base} | {f"head behind {b}": n for b, n in counts.items()}
        st.plotly_chart(
            costs(bars, "parameters"),
            config={"displayModeBar": False},
            key="heads",
            alt="Parameters: " + ", ".join(f"{name} {count:,}" for name, count in bars.items()),
        )
        pooled, flattened = counts[POOLED], counts[FLATTENED]
        st.markdown(
            f"Behind global average pooling the head has **{pooled:,}** parameters. Behind Flatten "
            f"it would have **{flattened:,}**: {flattened / pooled:.1f} times as many, and "
            f"{flattened / base:.2f} times as many as all {base:,} below it."
        )


def _show_layers(found: dict[str, tuple[Dense, Dense]]) -> None:
    firsts = [(before, first) for before, (first, _) in found.items()]
    _, last = found[POOLED]  # the same in both
    table = pd.DataFrame(
        {
            "behind": behind,
            "inputs": f"{layer.inputs:,}",
            "units": f"{layer.units:,}",
            "inputs x units + units": f"{layer.params:,}",
        }
        for behind, layer in [*firsts, ("the first dense layer", last)]
    )
    st.dataframe(
        table,
        hide_index=True,
        height="content",
        alt="The dense layers, with what enters them and their parameters",
    )
