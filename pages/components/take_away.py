"""A run's classifier in the formats of other programs, each with its proof."""

import streamlit as st

from imgcls.data.dataset import Dataset
from imgcls.export.formats import FORMATS, Format
from imgcls.runs.files import MODEL
from imgcls.runs.run import Run
from imgcls.training import jobs
from pages import cached
from pages.components.errors import plain_errors
from pages.components.text import as_text

COLUMNS = 2
KINDS = {".html": "text/html", ".zip": "application/zip"}


@st.fragment
def show(run: Run, dataset: Dataset | None) -> None:
    """Offer the formats, and what was made of the one that somebody pressed.

    Args:
        run: a finished run.
        dataset: the photos it learned from; None when they are not at hand.
    """
    if not run.can_predict:
        st.info("This run is kept as tables alone, without its model.")
        return
    st.markdown(
        "Each gives calibrated probabilities and says *none of these*. It is offered once its own "
        "runtime has answered 200 pictures as this app does, which takes some seconds."
    )
    pressed = None
    offered = list(FORMATS.values())
    for start in range(0, len(offered), COLUMNS):
        row = offered[start : start + COLUMNS]
        for column, format in zip(st.columns(COLUMNS), row, strict=False):
            place = column.container(gap="xxsmall")
            with place:
                lacking = _lacking(run, format, dataset)
                if st.button(format.title, key=f"export {format.name}", disabled=bool(lacking)):
                    pressed = format, place
                st.caption(as_text(f"{format.purpose[0].upper()}{format.purpose[1:]}. {lacking}"))
    if pressed is not None:
        # When all are drawn, and below the one that was pressed: on a phone the end is far away.
        format, place = pressed
        with place, plain_errors():
            _make(run, format, dataset)


def _lacking(run: Run, format: Format, dataset: Dataset | None) -> str:
    """Return why a format cannot be had here, or nothing."""
    if not format.alone and not run.file(MODEL).is_file():
        return "The Keras model it is made from was not kept."
    if not format.alone and not jobs.allowed():
        return "Not on this server: it takes the memory that training takes."
    if format.quantized and dataset is None:
        return f"Needs the photos of {run.dataset_title}, which are not on this machine."
    return ""


def _make(run: Run, format: Format, dataset: Dataset | None) -> None:
    with st.spinner(f"{format.title}: being written, then asked about pictures …"):
        exported = cached.exported(run, format.name, dataset.location if dataset else None)
    st.success(as_text(exported.proof.sentence), icon=":material/verified:")
    st.download_button(
        f"Download ({format.suffix.removeprefix('.')})",
        exported.content,
        f"{run.id}-{format.name}{format.suffix}",
        KINDS[format.suffix],
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
