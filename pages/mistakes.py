"""Not a page: the classic mistakes beside the run that avoids them, as Results shows them."""

import streamlit as st

from imgcls import what_ifs
from imgcls.paths import models_dir
from imgcls.runs import Run
from pages import watching

SHARES = {
    "train_accuracy_1": "train, before",
    "train_accuracy_2": "train, after",
    "val_accuracy": "validation",
    "test_accuracy": "test",
    "test_low": "test, from",
    "test_high": "to",
}
WIDTH = 90  # pixels


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
        column: st.column_config.NumberColumn(name, format="%.1f %%", width=WIDTH)
        for column, name in SHARES.items()
    }
    formats["val_loss"] = st.column_config.NumberColumn("val. loss", format="%.3f", width=WIDTH)
    st.dataframe(
        shown[[*SHARES, "val_loss", "run"]],
        column_config=formats,
        alt="What each mistake does to the figures",
    )
    photos = " or ".join(f"{n:,}" for n in counts)
    st.caption(
        "Shares of the photos that are right. Train: of the training photos with the labels given, "
        "in the last epoch before phase 2 and in its first one. Validation and its loss: after the "
        f"last epoch. Test: of {photos} photos, with the ends of the 95 % interval."
    )
    st.page_link(watching.TRAIN, label="Make one again")
