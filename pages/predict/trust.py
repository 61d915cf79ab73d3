"""Not a page: how far answers can be trusted, as Predict shows it."""

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import percent
from imgcls.charts.calibration import rejection_curve, reliability_diagram
from imgcls.evaluation import calibration, metrics, ood
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.run import Run, RunError
from pages import cached
from pages.components.text import as_text

KEPT = "kept"  # key of the slider


def threshold(run: Run) -> float:
    """Return the score that the share of validation photos chosen below reaches."""
    kept = st.session_state.get(KEPT, 100 * metrics.KEPT)
    return metrics.threshold(ood.validation_scores(cached.predictions(run)), kept / 100)


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
    before, after = _reliability(run, run.id)
    st.plotly_chart(
        reliability_diagram(before, after),
        config={"displayModeBar": False},
        alt="Share of right answers against the probability given to them",
    )
    errors = [calibration.expected_calibration_error(table) for table in (before, after)]
    st.caption(
        "Of answers given with 90 %, nine in ten should be right; the larger a mark, the more "
        f"photos. On average over the {before['n'].sum():,} test photos the two differ by "
        f"{percent(errors[0])} before and {percent(errors[1])} after calibration: the logits are "
        f"divided by {run.temperature:.2f}, which makes the loss on the validation "
        "photos smallest. The paper's sigmoid outputs are no percentages to begin with: they do "
        "not add up to 100 %, and training makes only their logits meaningful."
    )


def _show_rejection(run: Run) -> None:
    st.subheader("None of these", anchor=False)
    kept = st.slider(
        "Photos of the classes that must count as known, in percent",
        80.0,
        100.0,
        100 * metrics.KEPT,
        0.5,
        key=KEPT,
    )
    other = store.leave_out_run(models_dir(), run)
    if other is not None:
        _show_left_out(other, kept / 100)
    _show_kinds(run, kept)


def _show_left_out(other: Run, kept: float) -> None:
    table, auroc, photos, strangers = _trade_off(other, other.id)
    st.plotly_chart(
        rejection_curve(table, kept),
        config={"displayModeBar": False},
        alt="Photos of other classes let in against photos of the classes kept",
    )
    st.caption(
        f"Measured by leaving classes out: **{as_text(other.title)}** learned "
        f"{len(other.class_names)} classes and was then shown {strangers:,} photos of "
        f"{other.config.left_out_classes} others. Keeping {kept:.1%} of the {photos:,} "
        f"validation photos lets in {ood.accepted_at(table, kept):.1%} of those; a photo of "
        f"the classes scores higher in {auroc:.1%} of all pairs (AUROC). "
        "The score is the log of the sum of the exponentials of the logits (energy)."
    )


def _show_kinds(run: Run, kept: float) -> None:
    try:
        table = _kinds(run, run.id, kept)
    except RunError:  # a run without them has the rest
        return
    st.markdown("Pictures of no class that this run takes for known ones:")
    st.dataframe(
        table.set_index("kind"),
        column_config={
            "n": st.column_config.NumberColumn("pictures"),
            "accepted": st.column_config.NumberColumn("taken for known"),
            "auroc": st.column_config.NumberColumn("AUROC", format="%.3f"),
        },
        alt="Pictures of no class that are taken for known ones",
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _reliability(_run: Run, run_id: str) -> tuple[pd.DataFrame, pd.DataFrame]:  # noqa: ARG001, the key
    predictions = cached.predictions(_run)
    test = predictions[predictions["split"] == "test"]
    return calibration.compare(test, _run.temperature)


@st.cache_resource(max_entries=2, show_spinner=False)
def _trade_off(_run: Run, run_id: str) -> tuple[pd.DataFrame, float, int, int]:  # noqa: ARG001
    known, strange = ood.left_out_scores(_run)
    table = ood.trade_off(known, strange)
    return table, ood.auroc(known, strange), len(known), len(strange)


@st.cache_resource(max_entries=8, show_spinner=False)
def _kinds(_run: Run, run_id: str, kept: float) -> pd.DataFrame:  # noqa: ARG001
    known = ood.validation_scores(cached.predictions(_run))
    return ood.by_kind(known, _run.strangers(), metrics.threshold(known, kept / 100))
