"""The map of the photos as the network sees them, and the photos of a region."""

from typing import Any

import pandas as pd
import streamlit as st

from imgcls._utils.names import printable
from imgcls.charts.drawings import thumbnails
from imgcls.charts.projection import REGION, photo_map
from imgcls.charts.theme import MANY
from imgcls.data.dataset import Dataset
from imgcls.evaluation import embedding, predictions, projection
from imgcls.evaluation.intervals import rate
from imgcls.runs.run import Run
from pages import cached
from pages.components import photo_grid
from pages.components.tables import readable
from pages.components.text import as_text, message


def show(run: Run) -> None:
    """Show the map of a finished run's validation and test photos."""
    st.header("Which photos look alike to the network?", anchor=False)
    if why := run.why_missing("map"):
        st.info(f"There is no map of these photos. {message(why)}")
        return
    if not embedding.can_be_had(run):
        st.info(
            f"**{as_text(run.title)}** is kept without its map: choose another run in the sidebar."
        )
        return
    points = projection.of_run(run, cached.places(run), cached.predictions(run))
    dataset = photo_grid.dataset_of(run)
    if dataset is not None:
        points = _with_pictures(dataset, points)
    coloured = _choose_class(run, points) if len(run.class_names) > MANY else None
    shown = readable(points)
    picked: Any = st.vega_lite_chart(
        shown,
        photo_map(shown, list(map(printable, run.class_titles)), coloured),
        key=f"map {run.id}",
        on_select="rerun",
        selection_mode=REGION,
        alt="Map of the validation and test photos by what the network sees in them",
    )
    look = "Blue is the class chosen" if coloured else "Colour and shape are the true class"
    st.markdown(
        f"Each mark is one of {len(points):,} validation and test photos; those that the finished "
        f"network finds alike lie close together. {look}, red rings are mistakes: **drag across a "
        "region to see its photos**."
    )
    with st.expander("How the map is made"):
        st.markdown(
            "The network sums up a photo with the means of its last feature maps, 1,280 numbers in "
            "MobileNetV2. t-SNE places them in two dimensions. Who is near whom means something; "
            "directions, sizes of groups and distances between groups do not."
        )
    _show_region(run, points, picked.selection.get(REGION, {}))


def _choose_class(run: Run, points: pd.DataFrame) -> str:
    """Let the class be chosen that stands out, at first the one with the most mistakes."""
    names = run.class_titles
    mistakes = points.loc[~points["correct"], "class"].value_counts()
    first = names.index(mistakes.index[0]) if len(mistakes) else 0
    return printable(st.selectbox("Class in colour", names, first, format_func=printable))


def _with_pictures(dataset: Dataset, points: pd.DataFrame) -> pd.DataFrame:
    kept = thumbnails.kept(dataset.fingerprint)
    if kept is None or not points["file"].isin(kept.index).all():
        if not st.button(
            "Show the photo under the pointer",
            help="Makes a small picture of each photo, once; it takes some seconds.",
            icon=":material/image:",
        ):
            return points
        bar = st.progress(0.0, "Making small pictures")

        def show_progress(done: int, total: int) -> None:
            bar.progress(done / total, f"Making small pictures: {done:,} of {total:,}")

        thumbnails.make(dataset, points["file"].tolist(), show_progress)
        st.rerun()
    return points.assign(image=points["file"].map(kept))


def _show_region(run: Run, points: pd.DataFrame, region: dict[str, list[float]]) -> None:
    if not region:
        return
    inside = projection.inside(points, region)
    st.subheader(f"{len(inside):,} photos in the region", anchor=False)
    if inside.empty:
        return
    counts = inside["class"].value_counts()
    st.markdown(
        f"Right: {rate(int(inside['correct'].sum()), len(inside), 'photos of this region')}. "
        + as_text(", ".join(f"{n:,} {name}" for name, n in counts.items()))
        + ". Mistakes first."
    )
    photo_grid.show(run, predictions.worst_first(inside), f"region {region}")
