"""Where a run comes from, and how to take it away."""

from collections.abc import Callable
from functools import partial

import pandas as pd
import streamlit as st

from imgcls.export import report, tables
from imgcls.runs import manage, origin
from imgcls.runs.run import Run
from pages.components import photo_grid, take_away
from pages.components.text import as_text


def show(run: Run) -> None:
    """Show a run's provenance, and what can be downloaded of it."""
    _show_origin(run)
    if run.status == "finished":
        _offer_downloads(run)


def _show_origin(run: Run) -> None:
    st.header("Where does it come from?", anchor=False)
    st.markdown(
        "\n".join(f"- **{name}:** {as_text(text)}" for name, text in origin.facts(run).items())
    )
    with st.expander("The recipe"):
        st.json(run.config.to_dict())


def _offer_downloads(run: Run) -> None:
    st.header("How do I take it away?", anchor=False)
    st.markdown(
        "The report is one file with figures, tables, recipe and provenance, which any browser "
        "opens without a network."
    )
    dataset = photo_grid.dataset_of(run)
    with_photos = st.toggle(
        f"With the {report.PHOTOS} most confident mistakes as photos",
        disabled=dataset is None,
        help="Needs the photos, which are not on this machine." if not dataset else None,
    )
    with st.container(horizontal=True):
        # Each is made when it is asked for. Drawing the page anew for one would take away what the
        # browser asks for when another is pressed meanwhile.
        st.download_button(
            "Report (HTML)",
            partial(report.html, run, dataset if with_photos else None),
            f"{run.id}.html",
            "text/html",
            icon=":material/description:",
            type="primary",
            on_click="ignore",
        )
        for name, table in tables.tables(run).items():
            st.download_button(
                f"{name.capitalize()} (CSV)",
                partial(_csv, table),
                f"{run.id} {name}.csv",
                "text/csv",
                icon=":material/table:",
                on_click="ignore",
            )
        st.download_button(
            "The run (zip)",
            partial(manage.archive, run),
            f"{run.id}.zip",
            "application/zip",
            icon=":material/folder_zip:",
            on_click="ignore",
        )
    st.subheader("The classifier, for other programs", anchor=False)
    take_away.show(run, dataset)


def _csv(table: Callable[[], pd.DataFrame]) -> str:
    return table().to_csv(index=False)
