"""Ablations beside the run that avoids their mistake, as Compare shows them: not a page."""

from typing import Any

import pandas as pd
import streamlit as st

from imgcls.charts.comparisons import precision_at_k
from imgcls.charts.shares import shares
from imgcls.evaluation import ablations, metrics
from imgcls.evaluation.intervals import rate
from imgcls.paths import models_dir
from imgcls.runs.run import Run
from pages.components import training_status
from pages.components.tables import readable

SHARES = {
    "train_accuracy_1": "train, before",
    "train_accuracy_2": "train, after",
    "val_accuracy": "validation",
    "test_accuracy": "test",
    "test_low": "test, from",
    "test_high": "to",
}
CHART = {
    "what was done wrong": "name",
    "test_accuracy": "share",
    "test_low": "low",
    "test_high": "high",
    "test_n": "n",
}
WIDTH, WIDTH_OF_TEXT = 90, 260  # pixels
FIRST = 100
LOOKED_AT = (10, 20, 50, FIRST, 200, 500, 1000, 2000, 4000)  # photos, those with the highest loss


def show(run: Run) -> None:
    """Show the table for the photos of this run, when there is more than one row to compare."""
    table = ablations.table(models_dir(), run.fingerprint)
    if len(table) < 2:  # noqa: PLR2004  nothing to compare
        return
    st.header("What do classic mistakes cost?", anchor=False)
    shown = table.set_index("what").rename(index={"": "nothing, for comparison"})
    shown.index.name = "what was done wrong"
    accuracies = shown.reset_index().rename(columns=CHART)[list(CHART.values())]
    photos = " or ".join(f"{n:,}" for n in sorted(set(shown.pop("test_n"))))
    st.plotly_chart(
        shares(accuracies, f"Accuracy on {photos} test photos"),
        config={"displayModeBar": False},
        alt="Test accuracy of each mistake, with 95 % intervals",
    )
    st.markdown(
        "The recipe *paper* once more, each time with one thing done wrong. Each is a preset on "
        "Train: make one again, and choose it in the sidebar to see its curves."
    )
    with st.expander("Before and after phase 2, as a table"):
        _show_table(shown, photos)
    st.page_link(training_status.TRAIN, label="Make one again")
    _show_label_noise(run)


def _show_table(shown: pd.DataFrame, photos: str) -> None:
    shown[list(SHARES)] *= 100
    formats: dict[str, Any] = {
        column: st.column_config.NumberColumn(name, format="%.1f %%", width=WIDTH)
        for column, name in SHARES.items()
    }
    formats["what was done wrong"] = st.column_config.TextColumn(width=WIDTH_OF_TEXT)
    formats["val_loss"] = st.column_config.NumberColumn("val. loss", format="%.3f", width=WIDTH)
    st.dataframe(
        readable(shown[[*SHARES, "val_loss", "run"]]),
        column_config=formats,
        alt="What each mistake does to the figures",
    )
    st.caption(
        "Shares of the photos that are right. Train: of the training photos with the labels given, "
        "in the last epoch before phase 2 and in its first one. Validation and its loss: after the "
        f"last epoch. Test: of {photos} photos, with the ends of the 95 % interval."
    )


def _show_label_noise(run: Run) -> None:
    noisy = ablations.noisy_runs(models_dir(), run.fingerprint)
    if not noisy:
        return
    st.subheader("Does sorting by loss find the wrong labels?", anchor=False)
    found = {f"{r.config.label_noise} % wrong": _precision(r.training_losses()) for r in noisy}
    st.plotly_chart(
        precision_at_k(found),
        config={"displayModeBar": False},
        alt="Share of wrong labels among the photos with the highest loss",
    )
    st.markdown(
        "\n".join(f"- **{name}:** {_told(table)}" for name, table in found.items())
        + "\n\nWho cleans a dataset looks first at the photos that the network disagrees with "
        "most, those with the highest loss for the label that they were given. The network has "
        "learned from these labels too, and still it contradicts many of them, because most others "
        "agree with what it knew."
    )


def _precision(losses: pd.DataFrame) -> pd.DataFrame:
    wrong = int((losses["label"] != losses["given_label"]).sum())
    return metrics.precision_at_k(losses, sorted({*LOOKED_AT, wrong} - {0}))


def _told(table: pd.DataFrame) -> str:
    """Say what the first hundred are, and as many as there are wrong labels."""
    wrong = table["wrong"] / table["recall"]
    rows = table[table["k"].isin([FIRST, round(wrong.max())])]
    return (
        "; ".join(
            rate(int(row["wrong"]), int(row["k"]), "photos with the highest loss")
            for row in rows.to_dict("records")
        )
        + " do have a wrong label."
    )
