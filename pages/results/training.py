"""How a run learned, epoch by epoch, and what it gained by it."""

from functools import partial

import pandas as pd
import streamlit as st

from imgcls import paper
from imgcls._utils.formatting import duration, percent, plural
from imgcls._utils.names import printable
from imgcls.charts import comparisons
from imgcls.charts.training import describe_curve, learning_curve
from imgcls.evaluation import gain
from imgcls.paths import IMAGENETTE, models_dir
from imgcls.runs import store
from imgcls.runs.run import Run
from pages import cached
from pages.components.text import as_text

EPOCHS = "Epoch by epoch"


def show(run: Run) -> None:
    """Show curves and tables of the epochs there are, and what training gained."""
    if run.history.empty:
        st.markdown("No epoch is over yet.")
        return
    st.header("How did it learn?", anchor=False)
    phases = run.config.phases
    comparable = run.dataset == IMAGENETTE and len(phases) == len(paper.TABLES)
    printed = paper.history() if comparable else None
    for column, metric in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        column.plotly_chart(
            cached.figure(
                partial(learning_curve, run.history, metric, phases, paper=printed), metric, run
            ),
            config={"displayModeBar": False},
            alt=describe_curve(run.history, metric),
        )
    photos = {split: run.record.data.count(split) for split in run.record.data.counts}
    st.markdown(
        f"**Training:** {photos['train']:,} photos, counted during the epoch, while the weights "
        f"change and dropout is on. **Validation:** {plural(photos['validation'], 'photo')}, after "
        "the epoch."
    )
    with st.expander("Epoch by epoch, beside the paper's tables" if comparable else EPOCHS):
        _show_epochs(run, printed)
    if run.status == "finished":
        _show_gain(run)


def _show_epochs(run: Run, printed: pd.DataFrame | None) -> None:
    for phase in run.config.phases:
        epochs = run.history[run.history["phase"] == phase.number]
        if epochs.empty:
            continue
        beside = "" if printed is None else f", beside the paper's {paper.TABLES[phase.number]}"
        st.markdown(f"**Phase {phase.number}: {phase.name}**{beside}")
        _show_table(epochs, printed, f"Phase {phase.number}, epoch by epoch")
    st.caption("Loss is the mean cross-entropy, accuracy the share of photos that are right.")
    if printed is not None:
        st.caption(
            f"The paper's test: accuracy {paper.TEST_ACCURACY:.0%}, loss {paper.TEST_LOSS}. Its "
            "test photos are as many, drawn from the same ones, but not known to be the same."
        )


def _show_table(epochs: pd.DataFrame, printed: pd.DataFrame | None, alt: str) -> None:
    names = {
        "loss": "loss",
        "accuracy": "accuracy",
        "val_loss": "validation loss",
        "val_accuracy": "validation accuracy",
    }
    table = epochs.set_index("epoch")[[*names, "seconds"]]
    formats = {"seconds": st.column_config.NumberColumn(format="%.1f")}
    for place, (column, name) in enumerate(names.items()):
        share = column.endswith("accuracy")
        formats[column] = st.column_config.NumberColumn(name, format="%.1f %%" if share else "%.3f")
        table[column] *= 100 if share else 1
        if printed is not None:
            beside = f"paper {column}"
            value = printed.set_index("epoch")[column] * (100 if share else 1)
            table.insert(2 * place + 1, beside, value)
            format_ = "%.0f %%" if share else "%.2f"
            formats[beside] = st.column_config.NumberColumn("paper", format=format_)
    st.dataframe(table, column_config=formats, alt=alt)


def _show_gain(run: Run) -> None:
    st.header("Did training help?", anchor=False)
    other = store.counterpart(models_dir(), run)
    points = gain.table(run, other)
    told = [
        f"{row['method']} {percent(row['accuracy'])} after {duration(row['seconds'])}"
        for row in points.groupby("method", sort=False).tail(1).to_dict("records")
    ]
    st.plotly_chart(
        cached.figure(partial(comparisons.gain, points), "gain", run, *([other] if other else [])),
        config={"displayModeBar": False},
        alt="Validation accuracy against seconds: " + printable("; ".join(told)),
    )
    n = points["n"].iloc[0]
    untrained = (points["step"] == 0).any()
    st.markdown(
        f"Accuracy on {plural(n, 'validation photo')} against the seconds on the machine that "
        "trained, "
        "with 95 % intervals. "
        + (
            "The two without epochs are **no training at all**: what they reach, the frozen "
            "features knew already."
            if untrained
            else ""
        )
    )
    with st.expander("The last point of each line"):
        st.markdown("\n".join(f"- {as_text(line)}" for line in told))
        if untrained:
            st.markdown(
                "**Nearest class centroid:** a photo gets the class whose mean features are most "
                "like its own. **10 nearest neighbours:** the class that most of the ten most "
                "similar training photos have. The seconds of a pretrained base include the pass "
                "of all photos through its frozen layers."
            )
    if other is None:
        st.caption(
            "Train the presets *paper* and *scratch* on the same photos to see a pretrained "
            "network and one from scratch beside each other here."
        )
    else:
        st.caption(f"Beside this run: {as_text(other.title)}.")
