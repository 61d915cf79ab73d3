"""Photos whose true class is known, with what a run answered, a screen at a time."""

import math

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import chance
from imgcls._utils.names import printable
from imgcls.data.dataset import Dataset
from imgcls.inference.confidence import Confidence
from imgcls.runs.run import Run
from pages.components.photo import show_photo
from pages.components.tables import readable
from pages.components.text import as_text
from pages.state import current_dataset

PHOTOS_A_PAGE = 12
PHOTO_WIDTH = 150  # in pixels: two fit beside each other on a phone


def dataset_of(run: Run) -> Dataset | None:
    """Return the photos of the open project if they are those that the run learned from."""
    dataset = current_dataset()
    same = dataset is not None and dataset.fingerprint == run.fingerprint
    return dataset if same else None


def show(run: Run, scored: pd.DataFrame, key: str) -> None:
    """Show photos in the order given; without the dataset, the names of their files.

    Args:
        run: the run.
        scored: rows of `imgcls.evaluation.predictions.score_predictions`.
        key: of the place on the page; another one begins on the first screen.
    """
    dataset = dataset_of(run)
    if dataset is None:
        _show_names(run, scored)
        return
    screens = math.ceil(len(scored) / PHOTOS_A_PAGE)
    screen = st.pagination(screens, key=f"screen {key}") if screens > 1 else 1
    shown = scored.iloc[(screen - 1) * PHOTOS_A_PAGE : screen * PHOTOS_A_PAGE]
    names, step = run.class_titles, Confidence.of_run(run).step
    with st.container(horizontal=True):
        for photo in shown.to_dict("records"):
            label, answer = names[photo["label"]], names[photo["predicted"]]
            caption = f"{answer} {chance(photo['answer'], step)}"
            if not photo["correct"]:
                caption += f", {label} {chance(photo['truth'], step)}"
            show_photo(
                dataset.path(photo["file"]),
                printable(f"Photo of {label} called {answer}"),
                PHOTO_WIDTH,
                as_text(caption),
            )


def _show_names(run: Run, scored: pd.DataFrame) -> None:
    st.caption(
        f"The photos of {as_text(run.dataset_title)} are not on this machine: these are the files."
    )
    names = dict(enumerate(run.class_titles))
    table = pd.DataFrame(
        {
            "file": scored["file"],
            "is": scored["label"].map(names),
            "was called": scored["predicted"].map(names),
            "probability of that": scored["answer"],
            "of the true class": scored["truth"],
        }
    )
    st.dataframe(
        readable(table),
        hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(format="percent")
            for name in ("probability of that", "of the true class")
        },
        alt="Files of these photos, with answers and probabilities",
    )
