"""Results: the run in use epoch by epoch, its test, and the photos behind its confusion matrix."""

import pandas as pd
import streamlit as st

from imgcls import origin, paper
from imgcls.charts_training import describe_curve, learning_curve
from imgcls.paths import IMAGENETTE
from imgcls.runs import Run
from imgcls.wording import day, duration, rate
from pages import common, confusion, mistakes, watching


def main() -> None:
    """Show the page."""
    st.title("Results", anchor=False)
    run = common.current_run()
    if run is None:
        common.empty("There is no run yet. Train one: on digits it takes a minute.", watching.TRAIN)
        return
    st.markdown(_about(run))
    if run.status != "finished":
        _show_unfinished(run)
    if not run.history.empty:
        _show_epochs(run)
    if run.status == "finished":
        _show_test(run)
        confusion.show(run)
        mistakes.show(run)
    _show_origin(run)


def _about(run: Run) -> str:
    return (
        f"**{run.title}**: preset *{run.record['preset']}* on {run.dataset} at "
        f"{run.config.image_size} px, begun on {day(run.record['created'])}."
    )


def _show_unfinished(run: Run) -> None:
    with st.container(border=True):
        epochs = sum(phase.epochs for phase in run.config.phases)
        st.markdown(
            f"This run is **{run.status}**: {len(run.history)} of {epochs} epochs are over. "
            "The test and the confusion matrix come when all are."
        )
        if "error" in run.record:
            st.error(run.record["error"], icon=":material/error:")
        if run.status == "running":
            st.page_link(watching.TRAIN, label="Watch it on Train")
        else:
            watching.offer_resume(run, common.current_dataset())


def _show_epochs(run: Run) -> None:
    st.header("Epoch by epoch", anchor=False)
    phases = run.config.phases
    comparable = run.dataset == IMAGENETTE and len(phases) == len(paper.TABLES)
    printed = paper.history() if comparable else None
    for column, metric in zip(st.columns(2), ("accuracy", "loss"), strict=True):
        column.plotly_chart(
            learning_curve(run.history, metric, phases, paper=printed),
            config={"displayModeBar": False},
            alt=describe_curve(run.history, metric),
        )
    for phase in phases:
        epochs = run.history[run.history["phase"] == phase.number]
        if epochs.empty:
            continue
        table = paper.TABLES[phase.number] if comparable else None
        beside = f", beside the paper's {table}" if table else ""
        st.markdown(f"**Phase {phase.number}: {phase.name}**{beside}")
        _show_table(epochs, printed, f"Phase {phase.number}, epoch by epoch")
    photos = {split: sum(of.values()) for split, of in run.record["data"]["counts"].items()}
    st.caption(
        f"Loss is the cross-entropy and accuracy the share of photos that are right. Training: "
        f"{photos['train']:,} photos, counted during the epoch while the weights change and "
        f"dropout is on. Validation: {photos['validation']:,} photos, after the epoch."
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


def _show_test(run: Run) -> None:
    st.header("Test", anchor=False)
    test = run.record["test"]
    photos = "test photos, which played no part in training"
    right = rate(round(test["accuracy"] * test["n"]), test["n"], photos)
    st.markdown(f"**Accuracy:** {right}.")
    st.markdown(f"**Loss:** {test['loss']:.3f}, the mean cross-entropy on the same photos.")
    if run.dataset == IMAGENETTE:
        st.caption(
            f"The paper: accuracy {paper.TEST_ACCURACY:.0%}, loss {paper.TEST_LOSS}. Its test "
            "photos are as many, drawn from the same ones, but not known to be the same."
        )


def _show_origin(run: Run) -> None:
    st.header("Where it comes from", anchor=False)
    record = run.record
    st.markdown(
        f"**Photos:** {origin.photos(run)}; fingerprint `{record['data']['fingerprint'][:12]}`."
    )
    sha256 = f"; SHA-256 `{record['base']['sha256'][:12]}`" if record["base"] else ""
    st.markdown(f"**Base weights:** {origin.base_weights(run)}{sha256}.")
    versions = ", ".join(f"{name} {number}" for name, number in record["versions"].items())
    memory = f"{record['machine']['memory_gb']} GB"
    st.markdown(f"**Machine:** {origin.machine(run)}, {memory}; {versions}.")
    if record["timings"]:
        parts = (f"{part} {duration(spent)}" for part, spent in record["timings"].items())
        st.markdown(f"**Time:** {', '.join(parts)}.")
    st.markdown(f"**Made by** `{record['command']}`")
    with st.expander("The recipe"):
        st.json(record["config"])


common.run(main)
