"""Where photos can come from when those wanted are not there yet."""

import streamlit as st

from imgcls._utils.names import printable
from imgcls.data import download_job
from imgcls.paths import allowed_roots, data_dir, dataset_folders
from pages.components.errors import plain_errors
from pages.components.text import as_text, message
from pages.state import DATA, use

MEGABYTE = 1e6
DOING = {"download": "Downloading", "verify": "Verifying", "unpack": "Unpacking"}
FOLDER = "folder of photos"


def offer_imagenette() -> None:
    """Show the button that downloads Imagenette, or how far the download is."""
    with st.container(border=True):
        st.markdown(
            f"**Imagenette is not on this machine** (looked for in {as_text(str(data_dir()))}). "
            "It has 13,394 photos of ten classes of ImageNet; the digits need no download."
        )
        known = download_job.status(data_dir())
        if known and known.running:
            st.fragment(_watch, run_every=1.0)()
            return
        if known and known.error:
            st.error(message(known.error), icon=":material/error:")
        elif known:
            st.info(f"The last download ended after {_megabytes(known.done)}; it can go on.")
        label = "Go on with the download" if known else "Download Imagenette (99 MB)"
        if st.button(label, icon=":material/download:", type="primary"):
            with st.spinner("Starting"):
                download_job.start(data_dir())
            st.rerun()


def offer_folders() -> None:
    """Show the folders that the server's owner allows as datasets, if any."""
    roots = ", ".join(as_text(str(root)) for root in allowed_roots())
    if not roots:
        return
    st.selectbox(
        "A folder of photos",
        list(dataset_folders()),
        index=None,
        placeholder="Choose one",
        key=FOLDER,
        format_func=printable,
        on_change=_use_folder,
    )
    st.caption(f"Folders in {roots} can be used: one folder of photos for each class.")


def _use_folder() -> None:
    if chosen := st.session_state[FOLDER]:
        use(DATA, chosen)


def _watch() -> None:
    with plain_errors():
        known = download_job.status(data_dir())
        if known is None or not known.running:
            if data_dir().is_dir():
                use(DATA, data_dir().resolve().name)
            st.rerun()
        doing = f"{DOING[known.phase]}: {_megabytes(known.done)}"
        if known.total:
            st.progress(min(1.0, known.done / known.total), f"{doing} of {_megabytes(known.total)}")
        else:
            st.progress(0.0, doing)
        if st.button("Cancel", icon=":material/close:"):
            download_job.cancel(data_dir())
            st.rerun()


def _megabytes(count: int) -> str:
    return f"{count / MEGABYTE:.1f} MB"
