"""The photos: how many there are of what, samples, sizes, and what is wrong with them."""

from functools import partial

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import plural
from imgcls._utils.names import printable
from imgcls.charts.data import class_counts, photo_sizes
from imgcls.data.classes import BY_WORDNET_ID, PAPER_NAMES_NOTE, class_table
from imgcls.data.dataset import Dataset
from imgcls.data.images import ImageError
from imgcls.data.splits import SPLITS
from imgcls.paths import IMAGENETTE, data_dir
from imgcls.runs.run import Run
from pages import cached
from pages.components import addressed
from pages.components.tables import readable, show_faults, table_height
from pages.components.text import as_text, message
from pages.dataset import download, near_duplicates
from pages.state import DATA, all_runs, current_dataset, current_run, projects

ALL = "all classes"
SHOWN = 12  # samples at a time
THUMBNAIL = 112  # pixels: three of them fit beside each other on a phone


def main() -> None:
    """Show the page."""
    st.title("Dataset", anchor=False)
    run = current_run()
    if not data_dir().is_dir() and _belongs_here():
        download.offer_imagenette()
    download.offer_folders()
    dataset = current_dataset()
    if dataset is not None:
        found = cached.inspected(dataset)
        counts = dataset.counts()
        _counts(f"{dataset.title}: {len(dataset.table):,} photos", counts, dataset)
        for remark in found["remarks"]:
            st.warning(message(remark["text"]), icon=":material/priority_high:")
        _samples(dataset)
        _sizes(dataset)
        _attention(found)
        near_duplicates.show(dataset)
    if run is not None and (dataset is None or run.fingerprint != dataset.fingerprint):
        counts = run.record.data.counts
        total = sum(sum(of.values()) for of in counts.values())
        when = "before they changed" if dataset is not None else "which are not on this machine"
        _counts(
            f"{run.title} was trained on {total:,} photos of {run.dataset_title}, {when}",
            counts,
            run,
        )


def _belongs_here() -> bool:
    """Return whether Imagenette is the open project, or none yet."""
    known = {key: project.name for key, project in projects(all_runs()).items()}
    return known.get(st.session_state[DATA]) == IMAGENETTE or IMAGENETTE not in known.values()


def _counts(title: str, counts: dict[str, dict[str, int]], of: Dataset | Run) -> None:
    st.header(as_text(title), anchor=False)
    table = class_table(counts)
    splits = table.set_index("class")[list(SPLITS)]
    totals = ", ".join(f"{split} {total:,}" for split, total in splits.sum().items())
    chart, beside = st.columns(2, gap="medium")
    chart.plotly_chart(
        cached.figure(lambda: class_counts(splits), "photos of each class", of),
        key=f"counts {title}",
        config={"displayModeBar": False},
        alt=f"Photos of each class by split, as in the table; in all {totals}",
    )
    beside.dataframe(
        readable(table),
        hide_index=True,
        height=table_height(table),
        alt="Photos of each class by split",
    )
    beside.caption(f"Photos in all: {totals}.")
    if set(counts["train"]) & set(BY_WORDNET_ID):
        beside.caption(PAPER_NAMES_NOTE)


def _samples(dataset: Dataset) -> None:
    st.header("Samples", anchor=False)
    of_class, of_split, more = st.columns([2, 2, 1], vertical_alignment="bottom")
    titles = map(printable, dataset.class_titles)
    classes = {ALL: ALL, **dict(zip(dataset.class_names, titles, strict=True))}
    with of_class:
        name = addressed.selectbox("Class", classes, "class", ALL)
    with of_split:
        split = addressed.segmented_control("Split", SPLITS, "split")
    more.button("Show others", icon=":material/refresh:", on_click=_show_others)
    table = dataset.split(split)
    if name in dataset.class_names:
        table = table[table["label"] == dataset.class_names.index(name)]
    if table.empty:
        st.info("There are no such photos: choose another class or split.")
        return
    drawn = table.sample(min(SHOWN, len(table)), random_state=st.session_state.get("draw", 0))
    with st.container(horizontal=True, gap="xsmall"):
        for file, label in zip(drawn["file"], drawn["label"], strict=True):
            _sample(dataset, file, dataset.class_titles[label], split)
    st.caption(
        f"{len(drawn)} of {len(table):,} {split} photos, cut to the centre square as for the "
        "network."
    )


def _sample(dataset: Dataset, file: str, name: str, split: str) -> None:
    try:
        picture = cached.square(dataset, file, THUMBNAIL)
    except ImageError as error:
        st.warning(message(error))
        return
    st.image(
        picture, caption=as_text(name), width=THUMBNAIL, alt=f"A {split} photo of {printable(name)}"
    )


def _show_others() -> None:
    st.session_state["draw"] = st.session_state.get("draw", 0) + 1


def _sizes(dataset: Dataset) -> None:
    st.header("Sizes", anchor=False)
    table = dataset.table
    width, height = table["width"], table["height"]
    if width.nunique() == height.nunique() == 1:
        st.markdown(f"All photos are {width.iloc[0]} x {height.iloc[0]} pixels.")
        return
    told = (
        f"Width {width.min():,} to {width.max():,} pixels, half of them up to "
        f"{width.median():,.0f}; height {height.min():,} to {height.max():,}, half of them up to "
        f"{height.median():,.0f}"
    )
    st.markdown(f"{told}. The network sees the centre square of each, scaled to its own size.")
    st.plotly_chart(
        cached.figure(partial(photo_sizes, table), "sizes", dataset),
        config={"displayModeBar": False},
        alt=told,
    )


def _attention(found: dict[str, object]) -> None:
    st.header("Unreadable or suspicious files", anchor=False)
    unreadable, duplicates = found["unreadable"], found["duplicates"]
    assert isinstance(unreadable, list)
    assert isinstance(duplicates, dict)
    groups = duplicates["groups"]
    if not unreadable and not groups:
        st.markdown("None: every file can be read, and no two photos are the same.")
    if unreadable:
        st.markdown(f"**{plural(len(unreadable), 'file')} cannot be read**, and so left out:")
        show_faults(pd.DataFrame(unreadable), "Unreadable files and why")
    if groups:
        photos = "1 photo is" if len(groups) == 1 else f"{len(groups):,} photos are"
        st.markdown(
            f"**{photos} there more than once**, byte for byte; "
            f"{duplicates['in_train_and_held_out']:,} of them both in train and in validation or "
            "test:"
        )
        same = readable(
            pd.DataFrame({"files with the same content": [", ".join(group) for group in groups]})
        )
        st.dataframe(same, hide_index=True, alt="Files with the same content")


main()
