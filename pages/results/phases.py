"""Not a page: what phase 2 changed, photo by photo."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st
from PIL.Image import Image

from imgcls._utils.formatting import chance, percent
from imgcls._utils.names import printable
from imgcls.charts.confusion import confusion_difference
from imgcls.charts.drawings import overlays
from imgcls.charts.predictions import probability_bars
from imgcls.evaluation import phases, predictions
from imgcls.evaluation.phases import Changes
from imgcls.inference.confidence import Confidence
from imgcls.inference.explanation import explain
from imgcls.runs.files import PHASE_1_PREDICTIONS
from imgcls.runs.run import Run
from pages import cached
from pages.components import photo_grid
from pages.components.photo import show_photo
from pages.components.text import as_text

PHOTO_WIDTH = 320  # pixels
CERTAIN = 0.05  # the usual bound for calling a difference more than chance
CHANGES = ("fixed", "broken", "wrong both times")


def show(run: Run) -> None:
    """Show the answers before fine-tuning beside those after it."""
    if not run.file(PHASE_1_PREDICTIONS).is_file():
        reason = (
            "was trained in a single phase"
            if len(run.config.phases) == 1
            else "is kept without its answers after phase 1"
        )
        title = as_text(run.title)
        st.info(f"**{title}** {reason}: choose another run in the sidebar to compare phases.")
        return
    tables = run.predictions_of_phase_1(), cached.predictions(run)
    changes = phases.compare(*tables)
    _show_test(changes)
    _show_matrix(run, changes)
    _show_photo(run, changes, tables)


def _show_test(changes: Changes) -> None:
    n = len(changes.photos)
    fixed, broken = changes.count("fixed"), changes.count("broken")
    right = changes.count("right both times")
    st.header("What fine-tuning fixed, and what it broke", anchor=False)
    for column, (name, count, note) in zip(
        st.columns(4),
        (
            ("Right after phase 1", right + broken, f"{percent((right + broken) / n)}"),
            ("Right after phase 2", right + fixed, f"{percent((right + fixed) / n)}"),
            ("Fixed", fixed, "wrong before, right after"),
            ("Broken", broken, "right before, wrong after"),
        ),
        strict=True,
    ):
        with column.container(gap=None):
            st.metric(name, f"{count:,}")
            st.caption(f"{note}; of {n:,} validation and test photos")
    p = changes.p_value
    verdict = (
        "so this is more than chance"
        if p < CERTAIN
        else "so this difference could well be chance: look at more photos before believing it"
    )
    st.markdown(
        f"**Is it chance?** The {fixed + broken:,} photos that changed sides decide. Were both "
        "networks equally good, each would have been fixed or broken with even odds, and a split "
        f"as uneven as {fixed:,} to {broken:,} or more would come up with a probability of "
        f"{_small(p)} (McNemar's exact test), {verdict}."
    )


def _small(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "less than 0.001"  # noqa: PLR2004  three digits


def _show_matrix(run: Run, changes: Changes) -> None:
    st.subheader("The difference of the two confusion matrices", anchor=False)
    change = changes.confusion(run.class_names)
    st.plotly_chart(
        confusion_difference(change),
        config={"displayModeBar": False},
        alt="Confusion matrix after phase 2 less the one after phase 1",
    )
    st.caption(
        "Photos after phase 2 less photos after phase 1: blue is more, orange is fewer. Good is "
        "more on the diagonal and fewer beside it."
    )


def _show_photo(run: Run, changes: Changes, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    st.subheader("One photo in both phases", anchor=False)
    names = run.class_names
    listed = changes.photos[changes.photos["changed"].isin(CHANGES)]
    if listed.empty:
        st.markdown("Both networks were right on every photo.")
        return
    listed = listed.sort_values("changed", key=lambda kind: kind.map(CHANGES.index))
    titles = {
        row["file"]: f"{row['changed']}: {names[row['label']]} ({names[row['before']]}, then "
        f"{names[row['after']]}), {PurePosixPath(row['file']).name}"
        for row in listed.to_dict("records")
    }
    file = st.selectbox(
        f"Photos fixed, broken, or wrong both times ({len(listed):,})",
        list(titles),
        format_func=lambda file: printable(titles[file]),
    )
    pictures = _pictures(run, file)
    for place, (column, table) in enumerate(zip(st.columns(2), tables, strict=True)):
        with column:
            st.markdown(f"**After phase {place + 1}**")
            _show_answer(run, table.set_index("file").loc[file, "probabilities"], place + 1)
            if pictures:
                st.image(
                    pictures[place],
                    width=PHOTO_WIDTH,
                    alt=f"Where the evidence lies for the answer after phase {place + 1}",
                )
    note = "Probabilities before calibration."
    if pictures:
        note += " Orange: what speaks for that phase's answer, the more the stronger (Grad-CAM)."
    st.caption(note)


def _show_answer(run: Run, probabilities: Sequence[float], phase: int) -> None:
    top = predictions.most_probable(probabilities, run.class_names)
    step = Confidence.of_run(run).step
    st.plotly_chart(
        probability_bars(top, step),
        key=f"bars of phase {phase}",
        config={"displayModeBar": False},
        alt=f"Most probable classes after phase {phase}: "
        + printable(", ".join(f"{name} {chance(share, step)}" for name, share in top)),
    )


def _pictures(run: Run, file: str) -> list[Image]:
    """Return the photo with the evidence that each phase saw, or say what is missing for it."""
    dataset = photo_grid.dataset_of(run)
    if dataset is None:
        st.caption(f"To see the photo, choose the dataset {as_text(run.dataset)} in the sidebar.")
        return []
    if not run.can_predict or not cached.keeps_phase_one(run):
        show_photo(dataset.path(file), printable(file), PHOTO_WIDTH)
        st.caption("This run is kept without its models: where the evidence lay cannot be shown.")
        return []
    content = dataset.path(file).read_bytes()
    after = explain(cached.predictor(run), file, content)
    network = cached.phase_one(run)
    given = network.predict(content)
    before = replace(after, grad_cam=network.grad_cam(given, given.label))
    return [overlays.draw(answered, heat=True) for answered in (before, after)]
