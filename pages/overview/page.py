"""The first screen: what this is, and an answer for a photo."""

import streamlit as st

from imgcls._utils.formatting import duration, percent, plural
from imgcls.data.bundled import sample_photos
from imgcls.evaluation.intervals import rate, told
from imgcls.presets import PRESETS
from imgcls.runs import origin
from imgcls.runs.run import Run
from pages import cached
from pages.components import answer_card, phase_pictures
from pages.components.errors import empty
from pages.components.text import as_text
from pages.state import cannot_answer, current_run

EXAMPLE = "A temple"
NEXT = ":material/arrow_forward:"
DOORS: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("pages/predict/page.py", "Try a photo", ":material/image_search:", {}),
    ("pages/classes/page.py", "Teach it your own", ":material/category:", {}),
    (
        "pages/results/page.py",
        "See how it was trained",
        ":material/monitoring:",
        {"view": "Training"},
    ),
)


def main() -> None:
    """Show the page."""
    st.title("Transfer learning, seen at work", anchor=False)
    st.markdown(
        "A network that knows a million photos of ImageNet learns ten new classes within minutes, "
        "in two phases. See what it makes of your photo, how far to trust it, and how it learned."
    )
    with st.container(horizontal=True, gap="medium", key="doors"):
        for file, label, icon, address in DOORS:
            st.page_link(file, label=f"**{label}**", icon=icon, query_params=address)
    run = current_run()
    if run is None or not run.can_predict:
        empty(*cannot_answer(run))
    else:
        _answer(run)
    if run is not None and run.status == "finished":
        _numbers(run)
    _two_phases(run)
    if run is not None:
        _trust(run)


def _answer(run: Run) -> None:
    classes = as_text(", ".join(run.class_titles))
    photo = st.file_uploader(
        "Drop a photo here", key="drop", help=f"The current run knows: {classes}."
    )
    if photo:
        answer_card.show(run, photo.name, photo.getvalue(), "first own", heat=True)
    else:
        name, content = "An example: a temple", sample_photos()[EXAMPLE]
        answer_card.show(run, name, content, "example", heat=True)


def _numbers(run: Run) -> None:
    st.header("The current run", anchor=False)
    test, phases = run.test, run.config.phases
    photos = plural(test.n, "test photo")
    figures = (
        (
            "Test accuracy",
            percent(test.accuracy),
            f"{told(test.interval)}, {photos}",
        ),
        ("Test loss", f"{test.loss:.3f}", f"cross-entropy on {photos}"),
        (
            "Epochs",
            f"{sum(phase.epochs for phase in phases)}",
            ", then ".join(f"{phase.epochs} {phase.name}" for phase in phases),
        ),
        ("Training time", duration(run.record.timings.total), as_text(origin.machine(run))),
    )
    for column, (label, value, note) in zip(st.columns(len(figures)), figures, strict=True):
        with column.container(gap=None):
            st.metric(label, value)
            st.caption(note)
    st.page_link(
        "pages/results/page.py",
        label="Take it away: onto a phone, into other programs",
        icon=NEXT,
        query_params={"view": "Origin"},
    )


def _two_phases(run: Run | None) -> None:
    config = run.config if run else PRESETS["paper"]
    st.header("Two phases" if len(config.phases) > 1 else "One phase", anchor=False)
    classes = len(run.class_names) if run else 10
    phase_pictures.show(config, classes)
    if len(config.phases) > 1:
        st.markdown(
            "First the pretrained base stays as it is, and only a new head is trained. Then the "
            "base's last layers are trained too, in smaller steps: what they know of ImageNet is "
            "adjusted, not lost."
        )
    st.page_link("pages/learn/page.py", label="The network layer by layer", icon=NEXT)


def _trust(run: Run) -> None:
    st.header("Where it comes from", anchor=False)
    st.markdown(f"**Photos:** {as_text(origin.photos(run))}.")
    st.markdown(f"**Base weights:** {as_text(origin.base_weights(run))}.")
    if run.record.base is None or run.status != "finished":
        return
    shares = cached.accuracy_by_origin(run)
    if shares is None:
        return
    seen, unseen = shares
    n = seen.n + unseen.n
    st.markdown(
        f"**Easier than it looks:** of the {n:,} validation and test photos, {seen.n:,} "
        f"({seen.n / n * 100:.1f} %) are *training* photos of ImageNet, so the base had seen them "
        "with their labels.\n"
        f"- Accuracy on those: {rate(seen.correct, seen.n, 'photos')}\n"
        f"- Accuracy on the others: {rate(unseen.correct, unseen.n, 'photos')}"
    )


main()
