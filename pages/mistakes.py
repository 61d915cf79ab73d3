"""Not a page: the classic mistakes beside the run that avoids them, as Results shows them."""

import streamlit as st

from imgcls import what_ifs
from imgcls.paths import models_dir
from imgcls.runs import Run
from pages import watching

SHARES = {
    "train_accuracy_1": "training accuracy, end of phase 1",
    "train_accuracy_2": "training accuracy, first epoch of phase 2",
    "val_accuracy": "validation accuracy",
    "test_accuracy": "test accuracy",
    "test_low": "95 % from",
    "test_high": "to",
}


def show(run: Run) -> None:
    """Show the table for the photos of this run, when there is more than one row to compare."""
    table = what_ifs.table(models_dir(), run.record["data"]["fingerprint"])
    if len(table) < 2:  # noqa: PLR2004  nothing to compare
        return
    st.header("Mistakes worth teaching", anchor=False)
    st.markdown(
        "The recipe *paper* once more, each time with one thing done wrong. Each is a preset on "
        "Train: make one again, and choose it in the sidebar to see its curves."
    )
    shown = table.set_index("what").rename(index={"": "nothing, for comparison"})
    shown.index.name = "what was done wrong"
    counts = sorted(set(shown.pop("test_n")))
    shown[list(SHARES)] *= 100
    formats = {
        column: st.column_config.NumberColumn(name, format="%.1f %%")
        for column, name in SHARES.items()
    }
    formats["val_loss"] = st.column_config.NumberColumn("validation loss", format="%.3f")
    st.dataframe(shown, column_config=formats, alt="What each mistake does to the figures")
    photos = " or ".join(f"{n:,}" for n in counts)
    st.caption(
        f"Accuracies are of the photos of a split; the test has {photos} of them, with the ends of "
        "the 95 % interval beside it. Training accuracy is counted with the labels given."
    )
    st.page_link(watching.TRAIN, label="Make one again")
