"""Part 4 of the lesson on Learn, the two phases under the microscope."""

from collections.abc import Mapping, Sequence

import streamlit as st
from PIL import Image

from imgcls._utils.formatting import chance
from imgcls._utils.names import printable
from imgcls.charts.drawings import overlays
from imgcls.charts.predictions import probability_bars
from imgcls.charts.projection import photo_on_map
from imgcls.config import TrainConfig
from imgcls.data.images import ImageError, open_picture, square
from imgcls.evaluation.photo_map import PhotoMap
from imgcls.inference.grad_cam import grad_cam
from imgcls.lesson.phases import Stage, stages
from imgcls.networks.layers import describe
from imgcls.presets import PRESETS
from imgcls.runs import origin
from imgcls.runs.run import Run, RunError
from pages import cached
from pages.components import training_status
from pages.components.errors import empty, plain_errors
from pages.components.text import as_text, message
from pages.learn.photo import Photo
from pages.state import RUN, all_runs, cannot_answer, use

EVIDENCE = "class"  # key, and name in the address
SIDE, TOP = 320, 5
NOTES = (
    "Nothing is trained yet. The base sees the photo as it was pretrained to, but the head is of "
    "random numbers, as every training begins with: its answer means nothing.",
    "{:,} parameters are trained, all in the head. The base is the same to the bit, and so are the "
    "features; the head has learned which of them speak for which class.",
    "{:,} parameters are trained: the last layers of the base have moved too, and the features "
    "themselves now serve these classes.",
)


def show(run: Run | None, photo: Photo) -> None:
    """Show a photo under the untrained head, after phase 1 and after phase 2."""
    config = run.config if run else PRESETS["paper"]
    st.markdown(
        "One photo, three networks: the pretrained base with a new head of random numbers; the "
        "same after **phase 1**, which trained only the head; and after **phase 2**, which trained "
        "the base's last layers too, in smaller steps."
    )
    if run is None or not run.can_predict:
        _show_parameters(config, len(run.class_names) if run else 10)
        empty(*cannot_answer(run))
        return
    try:
        phase_one = cached.phase_one(run)
    except RunError as error:
        _show_parameters(config, len(run.class_names))
        _offer_others(message(error))
        return
    try:
        seen = stages(run, phase_one, cached.predictor(run), photo.content)
    except ImageError as error:
        st.error(f"**{as_text(photo.name)}**: {message(error)}", icon=":material/broken_image:")
        return
    _show_stages(run, photo, seen)


def _show_parameters(config: TrainConfig, classes: int) -> None:
    network = describe(config, classes)
    with st.container(horizontal=True):
        st.metric("Parameters", f"{network['total_params']:,}")
        for number, phase in enumerate(network["phases"], start=1):
            trained = f"{phase['trainable_params']:,}"
            st.metric(f"Trained in phase {number} ({phase['name']})", trained)


def _offer_others(reason: str) -> None:
    """Say why there is nothing to compare, and offer the runs that can be looked at."""
    able = [
        run
        for run in all_runs()
        if isinstance(run, Run) and run.can_predict and cached.keeps_phase_one(run)
    ]
    if not able:
        empty(f"{reason} A run that is trained here keeps it: train one.", training_status.TRAIN)
        return
    with st.container(border=True):
        st.markdown(f"{reason} To see a photo before and after phase 2, choose one of these:")
        with st.container(horizontal=True):
            for run in able:
                st.button(f"Use {as_text(run.title)}", on_click=use, args=(RUN, run.id), key=run.id)


@st.fragment
def _show_stages(run: Run, photo: Photo, seen: Sequence[Stage]) -> None:
    with plain_errors():
        names = run.class_names
        titles = dict(zip(names, run.class_titles, strict=True))
        final = seen[-1].answer.label
        shown = st.selectbox(
            "Show the evidence for",
            names,
            names.index(final),
            key=f"{EVIDENCE} {photo.name}",
            format_func=lambda name: printable(titles[name]),
        )
        picture = square(open_picture(photo.content, SIDE).image, SIDE)
        trained = [
            phase["trainable_params"] for phase in describe(run.config, len(names))["phases"]
        ]
        notes = [note.format(count) for note, count in zip(NOTES, (0, *trained), strict=True)]
        for column, stage, note in zip(st.columns(3), seen, notes, strict=True):
            with column.container(border=True):
                _show_answer(stage, photo.name, titles)
                _show_grad_cam(stage, picture, names.index(shown), titles[shown])
                st.caption(note)
        st.caption(
            "Probabilities are the softmax of the logits, at no stage calibrated here; Predict "
            "shows those of the finished network calibrated. Orange: what speaks for "
            f"**{as_text(titles[shown])}** (Grad-CAM), in each picture relative to its own "
            "strongest place. The random head is not the one that this run began with, but one of "
            f"the same kind. The base: {as_text(origin.base_weights(run))}."
        )
        _show_map(run, seen, titles[shown])


def _show_answer(stage: Stage, photo: str, titles: Mapping[str, str]) -> None:
    answer = stage.answer
    top = [(titles[name], share) for name, share in answer.top[:TOP]]
    st.markdown(f"**{stage.name}:** {as_text(top[0][0])}, {chance(answer.probability)}")
    st.plotly_chart(
        probability_bars(top),
        key=f"bars {stage.name}",
        config={"displayModeBar": False},
        alt=f"{stage.name}, most probable classes of {printable(photo)}: "
        + ", ".join(f"{printable(name)} {chance(share)}" for name, share in top),
    )


def _show_grad_cam(stage: Stage, picture: Image.Image, label: int, shown: str) -> None:
    heat = grad_cam(stage.head, stage.answer.feature_maps, label)
    coloured = picture.copy()
    overlays.colour(coloured, (0, 0, SIDE, SIDE), heat)
    st.image(
        coloured,
        width="stretch",
        alt=f"{stage.name}: where the evidence for {printable(shown)} lies",
    )
    if not heat.any():
        st.caption(f"Nothing in the photo speaks for {as_text(shown)}.")


def _show_map(run: Run, seen: Sequence[Stage], shown: str) -> None:
    st.subheader("Its place among the training photos", anchor=False)
    try:
        known = PhotoMap.of(cached.places(run), cached.predictor(run).neighbors)
    except RunError:
        st.caption("This run was made before runs kept a map of their photos.")
        return
    _, before, after = seen
    found = {
        "with the frozen base": known.place(before.pooled),
        "with the fine-tuned base": known.place(after.pooled),
    }
    places = {base: place for base, place in found.items() if place is not None}
    st.plotly_chart(
        photo_on_map(known.photos, run.class_titles, shown, places),
        config={"displayModeBar": False},
        alt=f"Map of {len(known.photos):,} training photos, and the place of this photo "
        + " and ".join(places),
    )
    for base in [base for base in found if base not in places]:
        st.info(f"It has no place {base}: its features have nothing in common with any photo's.")
    st.caption(
        f"Each dot is one of {len(known.photos):,} training photos; the finished network finds "
        "those alike that are close together (t-SNE). Only who is near whom means something. This "
        "photo is drawn at the mean of its five nearest training photos, the more similar the more "
        "weight; between two groups when these disagree. The map is that of the finished network, "
        "so the place with the frozen base, the same before and after phase 1, is only "
        f"approximate. {_told_similarity(before, after)}"
    )


def _told_similarity(before: Stage, after: Stage) -> str:
    cosine = before.similarity(after)
    if cosine is None:
        return "Before or after phase 2 all features of the photo are zero."
    return (
        f"The photo's two lists of {len(after.pooled):,} features have a cosine of {cosine:.2f} "
        "(1: the same direction)."
    )
