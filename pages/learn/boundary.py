"""Part 3 of the lesson on Learn, the freeze boundary and what follows from it."""

from dataclasses import replace

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import duration, percent
from imgcls.charts.lesson import layer_strip
from imgcls.config import TrainConfig
from imgcls.evaluation.intervals import rate
from imgcls.lesson import boundary
from imgcls.lesson.boundary import Effect
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from pages.components import training_status
from pages.components.errors import empty, plain_errors
from pages.components.tables import readable
from pages.components.text import as_text
from pages.learn.photo import Photo
from pages.state import all_runs

IMAGENETTE_PHOTOS = 13_394


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001, all parts are called alike
    """Let the boundary be moved, and show what follows and what it bought where it was tried."""
    st.markdown(
        "Training a network from nothing takes many photos. Transfer learning starts with one that "
        "was trained on the 1.3 million photos of ImageNet, the *base*, cuts off its last layer "
        "and puts a new *head* on it.\n\n"
        "1. **Frozen base.** Only the head is trained. It starts from random numbers, and the "
        "large corrections this takes would destroy what the base knows. *Frozen* layers are "
        "computed, but not changed.\n"
        "2. **Fine-tuning.** The last layers of the base are trained too, in steps ten times "
        "smaller. The first layers stay: edges and textures are useful for any photo.\n\n"
        "Where the frozen layers end is a choice. Move it, and see what follows."
    )
    if run is not None and run.config.network.cached:
        _move(run, run.config)
    else:
        why = "There is no run yet" if run is None else "The current run has no pretrained base"
        st.info(f"{why}: this is the paper's network.")
        _move(run, PRESETS["paper"])


@st.fragment
def _move(run: Run | None, recipe: TrainConfig) -> None:
    first, last = recipe.network.first_cut, recipe.network.base_layers - 1
    with plain_errors():
        at = st.slider(
            "First layer that phase 2 trains",
            first,
            last,
            max(first, recipe.fine_tune_at),
            key=f"boundary {run.id if run else ''}",
            persist_state="page",
            help=f"The paper takes {PRESETS['paper'].fine_tune_at} of {last + 1}.",
        )
        config = replace(recipe, fine_tune_at=at)
        classes = len(run.class_names) if run else 10
        st.plotly_chart(
            layer_strip(config, classes),
            config={"displayModeBar": False},
            key="strip",
            alt=f"Layers of the network: 0 to {at - 1} frozen, {at} to {last} and the "
            "head trained in phase 2",
        )
        _show_consequences(run, config, classes)
        _show_effects(run, config)


def _show_consequences(run: Run | None, config: TrainConfig, classes: int) -> None:
    found = boundary.consequences(config, classes)
    photos = _photos(run)
    cached = f"{found.bytes_per_photo * photos / 1e6:,.0f} MB"
    with st.container(horizontal=True):
        st.metric("Trained in phase 1", f"{found.trained[0]:,}")
        st.metric("Trained in phase 2", f"{found.trained[1]:,}")
        st.metric("Frozen in phase 2", f"{found.frozen:,}")
        st.metric("Cached", cached)
        if run is not None and boundary.is_measure(run):
            estimate = duration(boundary.phase_two_seconds(run, config))
            st.metric("Phase 2, estimated", estimate)
    shape = " x ".join(map(str, found.cut_shape))
    st.caption(
        "Numbers of parameters. The head is trained in both phases; frozen layers need no "
        "gradient, and cached ones are computed once a photo instead of at each step. What is "
        f"cached is the output of `{found.cut}`, the last place below the boundary where one small "
        f"tensor is all that goes on: {shape} numbers a photo for phase 2, and the 1,280 that the "
        f"head gets in phase 1. That is {found.bytes_per_photo / 1e3:.1f} kB a photo, for "
        f"{photos:,} photos {cached}. "
        f"{_how_long(run)}"
    )
    if not found.cache_fits(photos):
        st.warning(
            "That is more than the cache may hold (2 GB): training refuses this boundary unless "
            "it is told to compute everything at each step (engine *plain*)."
        )


def _photos(run: Run | None) -> int:
    if run is None:
        return IMAGENETTE_PHOTOS
    return sum(run.record.data.count(split) for split in run.record.data.counts)


def _how_long(run: Run | None) -> str:
    if run is None or not boundary.is_measure(run):
        return "How long phase 2 takes is estimated when a run that was fine-tuned is in use."
    spent = duration(run.record.timings.phase2)
    return (
        f"The time is an estimate: the {spent} that phase 2 of {as_text(run.title)} took, times "
        "the multiplications above the cached layer compared with those of that run."
    )


def _show_effects(run: Run | None, config: TrainConfig) -> None:
    st.subheader("What it bought", anchor=False)
    known = _effects(run, config)
    found = boundary.nearest(known, config)
    if found is None:
        empty(
            "Finished runs are compared here: train one, and then one more with another boundary.",
            training_status.TRAIN,
        )
        return
    (before, after), tried, photos = found.right, found.run.config, "validation photos"
    there = "there" if tried.fine_tune_at == config.fine_tune_at else "nearest to there"
    st.markdown(
        f"The run {there} is **{as_text(found.run.title)}**, trained from layer "
        f"{tried.fine_tune_at} on at {tried.image_size} px. Right are\n"
        f"- after phase 1, the whole base frozen: {rate(before, found.photos, photos)};\n"
        f"- after phase 2: {rate(after, found.photos, photos)}."
    )
    training_status.offer_results(found.run, "Open it and see its results")
    if len(known) > 1:
        _show_table(known)
    if tried.fine_tune_at != config.fine_tune_at:
        label = f"Try {config.fine_tune_at} itself: set it as *Fine tune at* on Train"
        st.page_link(training_status.TRAIN, label=label, icon=":material/model_training:")


def _effects(run: Run | None, config: TrainConfig) -> list[Effect]:
    if run is None:
        return []
    finished = [other for other in all_runs() if isinstance(other, Run)]
    return boundary.effects(finished, config, run.fingerprint)


def _show_table(known: list[Effect]) -> None:
    rows = []
    for effect in known:
        before, after = (count / effect.photos for count in effect.right)
        low, high = effect.intervals[1]
        rows.append(
            {
                "run": effect.run.title,
                "trained from layer": effect.run.config.fine_tune_at,
                "pixels": effect.run.config.image_size,
                "after phase 1": percent(before),
                "after phase 2": percent(after),
                "95 % interval": f"{low * 100:.1f} to {high * 100:.1f} %",
            }
        )
    st.dataframe(
        readable(pd.DataFrame(rows)),
        hide_index=True,
        height="content",
        alt="Runs that differ in the boundary: validation accuracy before and after phase 2",
    )
    st.caption(
        f"Validation accuracy ({known[0].photos:,} photos) of the runs that differ in nothing but "
        "the boundary, the size of the photos and the seed; the interval is that after phase 2. "
        "Differences that are small beside it may be chance."
    )
