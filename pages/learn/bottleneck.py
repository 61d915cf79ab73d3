"""An inverted residual bottleneck from inside."""

import streamlit as st

from imgcls.charts.lesson import costs
from imgcls.config import TrainConfig
from imgcls.lesson.bottleneck import Bottleneck, Step, bottlenecks
from pages.components import addressed

BLOCK = "block"  # key, and name in the address
WHAT = {
    "expand": (
        "A 1 x 1 convolution: each of its numbers is a mixture of those at the same place in all "
        "maps. It makes {more} maps of {maps}."
    ),
    "depthwise": (
        "A 3 x 3 convolution that treats each map on its own, with one kernel a map: the only step "
        "that looks at the neighbourhood.{halves}"
    ),
    "project": (
        "A 1 x 1 convolution back to few maps, without ReLU: cutting off what is below zero would "
        "lose too much of so few."
    ),
}


def show(config: TrainConfig) -> None:
    """Show what a bottleneck does and costs."""
    st.subheader("Inside a bottleneck", anchor=False)
    known = bottlenecks(config)
    if known:
        _show_bottleneck(known)
    else:
        st.markdown(
            f"The current run is {config.network.title}, which is not made of the three steps that "
            "are shown here. To look into them, choose a run on MobileNetV2 in the sidebar."
        )


@st.fragment
def _show_bottleneck(known: list[Bottleneck]) -> None:
    st.markdown(
        f"Between its first and its last convolution MobileNetV2 is {len(known)} times the same "
        "building block, the **inverted residual bottleneck**: widen, look around, narrow."
    )
    names = [each.name for each in known]
    # The first one that halves nothing and adds its input.
    first = next(place for place, each in enumerate(known) if each.residual)
    chosen = addressed.select_slider("Which one", names, BLOCK, names[first])
    opened = known[names.index(chosen)]
    columns = st.columns(len(opened.steps))
    for number, (column, step) in enumerate(zip(columns, opened.steps, strict=True), start=1):
        with column.container(border=True):
            st.markdown(f"**{number}. {step.name}**  \n{_shapes(step)}")
            st.markdown(_what(step))
            st.markdown(f"{step.multiply_adds:,} multiply-adds")
    st.markdown(_residual(opened))
    bars = {
        **{step.name: step.multiply_adds for step in opened.steps[:-2]},
        "depthwise + project": opened.separable,
        "an ordinary 3 x 3 instead of these two": opened.ordinary,
    }
    st.plotly_chart(
        costs(bars, "multiply-adds for one photo"),
        config={"displayModeBar": False},
        alt="Multiply-adds for one photo: "
        + ", ".join(f"{name} {count:,}" for name, count in bars.items()),
    )
    st.markdown(_verdict(opened))


def _shapes(step: Step) -> str:
    return " to ".join(
        " x ".join(map(str, shape)) for shape in (step.input_shape, step.output_shape)
    )


def _what(step: Step) -> str:
    return WHAT[step.name].format(
        more=step.output_shape[-1],
        maps=step.input_shape[-1],
        halves=" It moves two pixels at a time, which halves the picture."
        if step.output_shape[0] < step.input_shape[0]
        else "",
    )


def _residual(opened: Bottleneck) -> str:
    if opened.residual:
        return (
            "What enters and what leaves have the same shape, so the input is added to the output "
            "(**residual**): the block only has to learn what to change. *Inverted*, because in "
            "earlier networks such blocks were wide at their ends and narrow within."
        )
    return (
        "What enters and what leaves differ in shape, so nothing is added. Where they agree, the "
        "input is added to the output (**residual**): the block only has to learn what to change."
    )


def _verdict(opened: Bottleneck) -> str:
    step = opened.steps[-1]
    wide, narrow = step.input_shape[-1], step.output_shape[-1]
    inputs = opened.steps[0].input_shape[-1]
    beside = opened.multiply_adds / opened.narrow
    return (
        f"A multiply-add is one product added to a sum. An ordinary 3 x 3 convolution from {wide} "
        f"to {narrow} maps multiplies 9 x {wide} x {narrow} times at each place. Depthwise and "
        f"project together: 9 x {wide} + {wide} x {narrow}, here **{opened.separable:,} instead of "
        f"{opened.ordinary:,}, {opened.ordinary / opened.separable:.1f} times fewer**. That is why "
        f"it is cheap to be wide inside. The whole block takes {opened.multiply_adds:,}: "
        f"{beside:.1f} times an ordinary 3 x 3 convolution straight from {inputs} to {narrow} maps "
        f"({opened.narrow:,}), but it looks for patterns in {wide} maps instead of {inputs}."
    )
