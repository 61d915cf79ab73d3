"""How far answers can be trusted, as Predict shows it."""

from functools import partial

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import percent, plural
from imgcls.charts.calibration import reliability_diagram, roc_curve
from imgcls.data.ood import LEFT_OUT
from imgcls.evaluation import calibration, metrics, ood
from imgcls.evaluation.intervals import rate
from imgcls.inference.confidence import Confidence
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.run import Run, RunError
from pages import cached
from pages.components.text import as_text

KEPT = "kept"  # key of the slider
KIND_NAMES = {LEFT_OUT: "left-out classes"}  # of the others the name is the key


def threshold(run: Run) -> float:
    """Return the score that the share of validation photos chosen below reaches."""
    kept = st.session_state.get(KEPT, 100 * metrics.TRUE_POSITIVE_RATE)
    return ood.threshold(run, cached.predictions(run), kept / 100)


def show(run: Run) -> None:
    """Show the figures behind the percentages and behind "none of these"."""
    st.header("How far to trust an answer", anchor=False)
    left, right = st.columns(2, gap="large")
    with left:
        _show_calibration(run)
    with right:
        _show_rejection(run)


def _show_calibration(run: Run) -> None:
    st.subheader("Do the percentages mean something?", anchor=False)
    before, after, interval = _reliability(run, run.id)
    st.plotly_chart(
        cached.figure(partial(reliability_diagram, before, after), "reliability", run),
        config={"displayModeBar": False},
        alt="Share of right answers against the probability given to them",
    )
    confidence = Confidence.of_run(run)
    if not confidence.calibrated:
        _show_too_few(confidence, int(before["n"].sum()))
        return
    errors = [calibration.expected_calibration_error(table) for table in (before, after)]
    low, high = interval
    st.caption(
        "Of answers given with 90 %, nine in ten should be right; the larger a mark, the more "
        f"photos. On average over the {before['n'].sum():,} test photos the two differ by "
        f"{percent(errors[0])} before and {percent(errors[1])} after calibration (95 % interval "
        f"{low * 100:.1f} to {percent(high)}, by bootstrap): the logits are divided by "
        f"{confidence.temperature:.2f}, which makes the loss on the {confidence.photos:,} "
        "validation photos smallest. The paper's sigmoid outputs are no percentages to begin "
        "with: they do not add up to 100 %, and training makes only their logits meaningful."
    )


def _show_too_few(confidence: Confidence, tests: int) -> None:
    photos = (
        "1 validation photo is"
        if confidence.photos == 1
        else (f"{confidence.photos:,} validation photos are")
    )
    st.warning(
        f"Not calibrated: {photos} too few to say how much 90 % is worth.",
        icon=":material/straighten:",
    )
    st.caption(
        f"The logits are divided by {confidence.temperature:.2f}, the temperature nearest to 1, "
        "the network's own, that these photos do not contradict. Then two photos more are counted "
        "as if they had been answered at random, and what comes out is told in steps of "
        f"{confidence.step * 100:.0f} %. The marks above are those of "
        f"{plural(tests, 'test photo')}. More photos help."
    )


def _show_rejection(run: Run) -> None:
    st.subheader("None of these", anchor=False)
    kept = st.slider(
        "TPR: share of photos of the classes that count as known, in percent",
        80.0,
        100.0,
        100 * metrics.TRUE_POSITIVE_RATE,
        0.5,
        key=KEPT,
    )
    other = store.leave_out_run(models_dir(), run)
    if other is not None:
        _show_left_out(other, kept / 100)
    _show_kinds(run, kept)


def _show_left_out(other: Run, kept: float) -> None:
    table, auroc, photos, others = _roc(other, other.id)
    st.plotly_chart(
        cached.figure(partial(roc_curve, table, kept), f"ROC at {kept}", other),
        config={"displayModeBar": False},
        alt="Photos of the classes known against photos of other classes taken for known (ROC)",
    )
    st.caption(
        f"Measured by leaving classes out: **{as_text(other.title)}** learned "
        f"{len(other.class_names)} classes and was then shown {others:,} photos of "
        f"{other.config.left_out_classes} others. FPR at {percent(kept)} TPR is "
        f"{percent(ood.fpr_at_tpr(table, kept))}: the threshold that knows that many of the "
        f"{photos:,} validation photos takes so many of the others for known. AUROC is "
        f"{auroc:.3f}: the share of pairs in which the photo of the classes scores higher. "
        f"{_what_the_score_is(other)}"
    )


def _what_the_score_is(run: Run) -> str:
    likeness = run.record.likeness
    energy = "the log of the sum of the exponentials of the logits (negative energy)"
    if likeness is None:
        return f"The score is {energy}."
    kept = (
        f" Fixed on half of the validation photos, its threshold for "
        f"{percent(metrics.TRUE_POSITIVE_RATE)} keeps of the other half "
        f"{rate(likeness.kept, likeness.asked, 'photos')}."
        if likeness.asked
        else ""
    )
    centroid = (
        ", plus the cosine between how they and the mean of a class differ from the mean of all"
        if likeness.centroid
        else ""
    )
    return (
        f"The score is {energy}, plus the mean cosine of the features to those of the five most "
        f"similar training photos{centroid}; each in standard deviations.{kept}"
    )


def _show_kinds(run: Run, kept: float) -> None:
    try:
        table = _kinds(run, run.id, kept)
    except RunError:  # a run without them has the rest
        return
    st.markdown("Pictures of no class that this run takes for known ones:")
    st.dataframe(
        table.replace({"kind": KIND_NAMES}).set_index("kind"),
        column_config={
            "n": st.column_config.NumberColumn("pictures"),
            "false_positives": st.column_config.NumberColumn("taken for known"),
            "auroc": st.column_config.NumberColumn("AUROC", format="%.3f"),
        },
        alt="Pictures of no class that are taken for known ones",
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _reliability(
    _run: Run,
    run_id: str,  # noqa: ARG001, the key
) -> tuple[pd.DataFrame, pd.DataFrame, tuple[float, float]]:
    predictions = cached.predictions(_run)
    test = predictions[predictions["split"] == "test"]
    confidence = Confidence.of_run(_run)
    return (
        *calibration.compare(test, confidence),
        calibration.error_interval(
            calibration.calibrated(test, confidence), test["label"].to_numpy()
        ),
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _roc(_run: Run, run_id: str) -> tuple[pd.DataFrame, float, int, int]:  # noqa: ARG001
    known, unknown = ood.left_out_scores(_run)
    table = ood.roc(known, unknown)
    return table, ood.auroc(known, unknown), len(known), len(unknown)


@st.cache_resource(max_entries=8, show_spinner=False)
def _kinds(_run: Run, run_id: str, kept: float) -> pd.DataFrame:  # noqa: ARG001
    predictions = cached.predictions(_run)
    reached = ood.threshold(_run, predictions, kept / 100)
    return ood.by_kind(ood.validation_scores(predictions), _run.out_of_distribution(), reached)
