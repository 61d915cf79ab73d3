"""Part 5 of the lesson on Learn, when transfer learning does not work."""

from itertools import islice

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import percent
from imgcls._utils.names import dataset_title
from imgcls.charts.comparisons import accuracies, curves
from imgcls.data import ood
from imgcls.lesson import limits
from imgcls.lesson.limits import DATASETS, FINE_TUNED, FROZEN, NEIGHBOR, PIXELS, SCRATCH, WAYS
from imgcls.paths import DIGITS, IMAGENETTE, models_dir
from imgcls.runs import store
from imgcls.runs.run import Run, RunError
from pages.components import training_status
from pages.components.errors import empty
from pages.components.text import as_text
from pages.learn.photo import Photo
from pages.state import DATA, use

SIDE, SHOWN, DIGITS_SHOWN = 160, 104, 3  # pixels: of what the network gets, and on the screen
KINDS = (
    (
        PIXELS,
        "no network: the answer of the ten training pictures with the most similar "
        "pixels, on the same split.",
    ),
    (NEIGHBOR, "the same with the 1,280 features of the frozen base; nothing is trained."),
    (FROZEN, "after phase 1 of the recipe *paper*."),
    (FINE_TUNED, "after its phase 2, in which the last layers of the base are trained too."),
    (SCRATCH, "the recipe *scratch*: no pretrained base, every weight starts from noise."),
)


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001
    """Show where the same recipe works and where it does not."""
    st.markdown(
        "Transfer learning works, the paper says, when the new task resembles the old one. Its ten "
        "classes do: they are classes of ImageNet. The bundled **digits** do not: handwriting, "
        "8 x 8 pixels, grey. The same recipe on both:"
    )
    table = limits.table(models_dir())
    if table.empty:
        empty(
            "There is no run to compare yet. Train the presets *paper* and *scratch* on the "
            "digits: the first takes less than a minute.",
            training_status.TRAIN,
        )
    else:
        _show_accuracies(table)
        _show_findings(table)
    _show_gap()
    _show_curves()
    if st.button("Try it: train on digits", icon=":material/model_training:"):
        use(DATA, DIGITS)
        training_status.go_to(training_status.TRAIN)


def _show_accuracies(table: pd.DataFrame) -> None:
    st.plotly_chart(
        accuracies(table, WAYS, DATASETS),
        config={"displayModeBar": False},
        alt="Validation accuracy: "
        + "; ".join(
            f"{dataset_title(dataset)}, {way} {accuracy:.1%}"
            for dataset, way, accuracy, *_ in table.itertuples(index=False)
        ),
    )
    counts = table.groupby("dataset", sort=False)["n"].max()
    photos = " and ".join(f"{n:,} of {dataset_title(str(name))}" for name, n in counts.items())
    runs = " and ".join(f"*{as_text(title)}*" for title in dict.fromkeys(table["run"]))
    st.caption(
        f"Share of the validation photos that are right ({photos}), as the runs {runs} recorded "
        "it, with 95 % intervals. The axis does not begin at zero.\n\n"
        + "\n".join(f"- **{way}**: {what}" for way, what in KINDS)
    )
    missing = [
        f"{way} on {dataset_title(dataset)}"
        for dataset in DATASETS
        for way in WAYS
        if not ((table["dataset"] == dataset) & (table["way"] == way)).any()
    ]
    if missing:
        st.caption(f"Not recorded by any run here: {', '.join(missing)}.")


def _show_findings(table: pd.DataFrame) -> None:
    columns = ["dataset", "way", "accuracy"]
    found = {
        (dataset, way): percent(accuracy)
        for dataset, way, accuracy in table[columns].itertuples(index=False)
    }
    networks = (FROZEN, FINE_TUNED, SCRATCH)
    if all((IMAGENETTE, way) in found for way in networks):
        st.markdown(
            "**On Imagenette it transfers.** A new head on frozen features is right in "
            f"**{found[IMAGENETTE, FROZEN]}**. Fine-tuning adds what little is left: "
            f"**{found[IMAGENETTE, FINE_TUNED]}**. The small CNN has to find out from the same "
            f"photos even what an edge is, and gets to **{found[IMAGENETTE, SCRATCH]}**."
        )
    if all((DIGITS, way) in found for way in WAYS):
        st.markdown(
            "**On the digits it does not.** A new head on frozen features is right in "
            f"**{found[DIGITS, FROZEN]}**. Phase 2, which changes the base itself, gets to "
            f"**{found[DIGITS, FINE_TUNED]}**, and the small CNN from noise to "
            f"**{found[DIGITS, SCRATCH]}**. And what needs no network at all, comparing pixels, to "
            f"**{found[DIGITS, PIXELS]}**. Comparing the base's features instead of the pixels, it "
            f"is {found[DIGITS, NEIGHBOR]}. Where what a base knows costs more than it brings, "
            "this is called **negative transfer**; look at the intervals before you say that it is "
            "what happens here."
        )
        _show_doubt()


def _show_doubt() -> None:
    """Say what else differs between the two experiments, and so what they cannot show."""
    both = [store.newest(models_dir(), "paper", dataset) for dataset in DATASETS]
    if any(run is None for run in both):
        return
    photos, digits = (limits.steps(run, 1) for run in both if run is not None)
    st.markdown(
        "**Careful with the conclusion.** The two differ in more than their pictures. There are "
        f"fewer digits: phase 1 took {digits:,} steps on them, and {photos:,} on Imagenette. That "
        "their neighbours do so much better with the very same frozen features says that the head "
        "had no time to learn. Train on digits with more epochs, and see what is left of the gap."
    )


def _show_gap() -> None:
    st.subheader("What the base is given", anchor=False)
    with st.container(horizontal=True):
        for picture in islice(ood.pictures(DIGITS, SIDE), DIGITS_SHOWN):
            st.image(picture, width=SHOWN, alt=f"A digit of 8 x 8 pixels at {SIDE} x {SIDE}")
    st.markdown(
        f"Digits as the network gets them. Enlarged from 8 to {SIDE} pixels, each pixel has become "
        f"{SIDE // 8} x {SIDE // 8}: the 3 x 3 kernels of the first convolution see nearly the "
        "same value nine times. No sharp edges, no textures, no colours: what the early layers "
        "look for is not there. Such a distance between the pictures a network was trained on and "
        "those it is given is called a **domain gap**."
    )
    paper = store.newest(models_dir(), "paper", IMAGENETTE)
    if paper is None:
        return
    try:
        taken, n = limits.digits_taken_for_known(paper)
    except RunError:
        return
    st.markdown(
        f"The network notices. Of {n} digits shown to {as_text(paper.title)}, which has learned "
        f"Imagenette, {taken} reach the score that 95 % of its own validation photos reach; "
        "the others would get the warning *None of these* on Predict."
    )


def _show_curves() -> None:
    names = {"paper": "MobileNetV2", "scratch": SCRATCH}
    histories = {
        (dataset, names[preset]): found.history
        for preset in names
        for dataset in DATASETS
        if (found := store.newest(models_dir(), preset, dataset)) is not None
    }
    if not histories:
        return
    st.subheader("How they got there", anchor=False)
    st.plotly_chart(
        curves(histories, DATASETS),
        config={"displayModeBar": False},
        alt="Validation accuracy over the epochs: "
        + "; ".join(
            f"{dataset_title(dataset)}, {network} from {history['val_accuracy'].iloc[0]:.1%} to "
            f"{history['val_accuracy'].iloc[-1]:.1%}"
            for (dataset, network), history in histories.items()
        ),
    )
    st.caption(
        "Share of the validation photos that are right after each epoch. Where features transfer, "
        "the first epoch already reaches nearly all there is to be had. Where they do not, the "
        "curve begins low, and the base itself has to move."
    )
