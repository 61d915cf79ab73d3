"""What phase 2 changed, photo by photo."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import pandas as pd
import streamlit as st
from PIL.Image import Image

from imgcls._utils.formatting import chance, plural
from imgcls._utils.names import printable
from imgcls.charts.confusion import confusion_difference
from imgcls.charts.drawings import overlays
from imgcls.charts.predictions import probability_bars
from imgcls.charts.shares import shares
from imgcls.evaluation import phases, predictions
from imgcls.evaluation.intervals import Share, rate, table
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
    _show_changes(run, changes)
    _show_chance(changes)
    _show_photo(run, changes, tables)


def _show_changes(run: Run, changes: Changes) -> None:
    n = len(changes.photos)
    fixed, broken = changes.count("fixed"), changes.count("broken")
    st.header("What did fine-tuning fix, and what did it break?", anchor=False)
    st.plotly_chart(
        confusion_difference(changes.confusion(run.class_titles)),
        config={"displayModeBar": False},
        alt="Confusion matrix after phase 2 less the one after phase 1",
    )
    st.markdown(
        f"Of {n:,} validation and test photos it **fixed {fixed:,}** (wrong before, right after) "
        f"and **broke {broken:,}** (right before, wrong after)."
    )
    st.caption(
        "Blue cells have more photos after phase 2 than after phase 1, orange ones fewer: good is "
        "blue on the diagonal and orange beside it."
    )


def _show_chance(changes: Changes) -> None:
    n, both = len(changes.photos), changes.count("right both times")
    fixed, broken = changes.count("fixed"), changes.count("broken")
    st.header("Is it chance?", anchor=False)
    after = {"After phase 1": Share(both + broken, n), "After phase 2": Share(both + fixed, n)}
    st.plotly_chart(
        shares(table(after), f"Accuracy on {n:,} validation and test photos"),
        config={"displayModeBar": False},
        alt="; ".join(
            f"{name}: {rate(share.correct, n, 'photos')}" for name, share in after.items()
        ),
    )
    if not fixed + broken:
        st.markdown("No photo changed between right and wrong, so nothing speaks for either.")
        return
    p = changes.p_value
    verdict = (
        "So this is more than chance."
        if p < CERTAIN
        else "So it could well be chance: look at more photos before believing it."
    )
    st.markdown(
        "Were both networks equally good, a split of the "
        f"{plural(fixed + broken, 'changed photo')} as uneven as {fixed:,} to {broken:,} would "
        f"come up with a probability of {_small(p)} "
        f"(McNemar's exact test). {verdict}"
    )


def _small(p: float) -> str:
    return f"{p:.3f}" if p >= 0.001 else "less than 0.001"  # noqa: PLR2004  three digits


def _show_photo(run: Run, changes: Changes, tables: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    st.header("How did the answer for one photo change?", anchor=False)
    names = run.class_titles
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
    for place, (column, answers) in enumerate(zip(st.columns(2), tables, strict=True)):
        with column:
            st.markdown(f"**After phase {place + 1}**")
            _show_answer(run, answers.set_index("file").loc[file, "probabilities"], place + 1)
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
    top = predictions.most_probable(probabilities, run.class_titles)
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
        st.caption(
            f"The photos of {as_text(run.dataset_title)} are not on this machine: fetch them on "
            "Dataset."
        )
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
