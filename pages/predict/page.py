"""Answers for photos: files, the camera, the clipboard, or examples."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import chain, islice, starmap
from typing import Any

import pandas as pd
import streamlit as st

from imgcls._utils.names import printable
from imgcls.data import uploads
from imgcls.data.bundled import sample_photos
from imgcls.data.dataset import Dataset
from imgcls.data.images import ImageError
from imgcls.errors import DatasetError, ImgclsError
from imgcls.evaluation.intervals import rate
from imgcls.export import predictions
from imgcls.inference import explanation
from imgcls.inference.explanation import Explanation, explain
from imgcls.runs.run import Run
from pages import cached
from pages.components import answer_card, too_large
from pages.components.errors import empty
from pages.components.text import as_text, message
from pages.predict import trust
from pages.predict.corrections import offer_photo
from pages.state import cannot_answer, current_dataset, current_run, photos_location

TEST_PHOTOS = "Random test photos"
DRAWN = 3  # test photos at a time
ANSWERS, RIGHT, ROUND = "answers", "right classes", "round of uploads"
ERROR = "error while answering"
NONE_OF_THEM = "none of them"
MEGABYTE = 1_000_000
ROWS_WITHOUT_SCROLLING = 15
NAMED = 20  # classes that are named in a sentence; more would push all else off the screen


def main() -> None:
    """Show the page."""
    st.title("Predict", anchor=False)
    run = current_run()
    if run is None or not run.can_predict:
        empty(*cannot_answer(run))
        return
    _introduce(run)
    _ask_for_photos(run)
    if error := st.session_state.pop(ERROR, None):
        st.error(message(error), icon=":material/error:")
    given = _answers(run)
    if given:
        _show_answers(run, given)
    else:
        st.info("No photo yet: drop some above, use the camera, or choose an example.")
    trust.show(run)


def _introduce(run: Run) -> None:
    names = as_text(", ".join(run.class_titles))
    known = f"It knows {len(run.class_names)} classes"
    few = len(run.class_names) <= NAMED
    st.markdown(
        f"Drop in photos, and see what **{as_text(run.title)}** makes of them. {known}"
        + (f": {names}." if few else ".")
    )
    if not few:
        with st.expander(f"The {len(run.class_names)} classes", icon=":material/list:"):
            st.markdown(names)


def _answers(run: Run) -> list[Explanation]:
    """Return this visitor's answers by this run, the newest first."""
    all_of_them: dict[str, list[Explanation]] = st.session_state.setdefault(ANSWERS, {})
    return all_of_them.setdefault(run.id, [])


def _ask_for_photos(run: Run) -> None:
    # With each round the fields are new ones: what was dropped does not stay in memory.
    number = st.session_state.setdefault(ROUND, 0)
    files = f"drop {number}"
    st.file_uploader(
        "Photos",
        accept_multiple_files=True,
        key=files,
        max_upload_size=uploads.MAX_ARCHIVE_BYTES // MEGABYTE,
        on_change=_take,
        args=(run, files),
    )
    too_large.tell(uploads.MAX_ARCHIVE_BYTES)
    st.caption(f"{uploads.LIMITS} Nothing is written to disk or sent elsewhere.")
    test_photos = [TEST_PHOTOS] if photos_location() is not None else []
    offered = [*sample_photos(), *test_photos]
    example = f"example {number}"
    st.pills("Examples", offered, key=example, on_change=_take_example, args=(run, example))
    with st.expander("From the camera or the clipboard", icon=":material/photo_camera:"):
        # The camera asks for permission as soon as it is drawn, and so only when it is wanted.
        if st.toggle("Use the camera", key="camera"):
            camera = f"camera {number}"
            st.camera_input("A photo", key=camera, on_change=_take, args=(run, camera))
        pasted = f"pasted {number}"
        st.chat_input(
            "Click here, paste a picture (Ctrl+V), press Enter",
            accept_file="multiple",
            key=pasted,
            on_submit=_take,
            args=(run, pasted),
        )


def _take(run: Run, key: str) -> None:
    """Answer for what has just been dropped, photographed or pasted, and let go of it."""
    value = st.session_state[key]
    files = getattr(value, "files", value)
    found = files if isinstance(files, Sequence) else [files] if files else []
    dropped = [(file.name, file.getvalue()) for file in found]
    total = sum(uploads.count(content) for _, content in dropped)
    # One after the other: what is unpacked of an archive need not be in memory at once.
    _answer(run, chain.from_iterable(starmap(uploads.pictures, dropped)), total)


def _answer(run: Run, pictures: Iterable[tuple[str, bytes | ImageError]], total: int) -> None:
    st.session_state[ROUND] += 1
    with _errors_on_the_page():
        predictor = cached.predictor(run)
        given = []
        shown = st.progress(0.0) if total > 1 else None
        for name, content in islice(pictures, uploads.MAX_PICTURES):
            given.append(explain(predictor, name, content))
            if shown:
                shown.progress(len(given) / total, f"Answering: {len(given):,} of {total:,}")
        if total > len(given):
            left = f"{total - len(given):,} more pictures"
            reason = f"not looked at: {uploads.MAX_PICTURES:,} are taken at a time."
            given.append(Explanation(left, reason))
        if shown:
            shown.empty()  # it would stand there for as long as the answers do
        _answers(run)[:0] = given


@contextmanager
def _errors_on_the_page() -> Iterator[None]:
    """Keep an error for the page: what is drawn before it, as this is, may not last."""
    try:
        yield
    except (ImgclsError, OSError) as error:
        st.session_state[ERROR] = str(error)


def _take_example(run: Run, key: str) -> None:
    bundled, chosen = sample_photos(), st.session_state[key]
    if chosen in bundled:
        _answer(run, [(chosen, bundled[chosen])], 1)
    elif chosen == TEST_PHOTOS:
        with _errors_on_the_page():
            photos = _test_photos(current_dataset())
            _answer(run, photos, len(photos))


def _test_photos(dataset: Dataset | None) -> list[tuple[str, bytes]]:
    """Return some test photos of the open project, named after what they are.

    Raises:
        DatasetError: there are none.
    """
    test = None if dataset is None else dataset.split("test")
    if dataset is None or test is None or test.empty:
        raise DatasetError(
            "This project has no test photos to choose from: drop photos here, or open another "
            "project in the sidebar."
        )
    drawn = test.sample(min(DRAWN, len(test)))
    return [
        (f"A test photo of {dataset.class_titles[label]}", dataset.path(file).read_bytes())
        for file, label in zip(drawn["file"], drawn["label"], strict=True)
    ]


def _show_answers(run: Run, given: list[Explanation]) -> None:
    threshold = trust.threshold(run)
    chosen = 0
    if len(given) > 1:
        chosen = _show_table([answered.titled(run) for answered in given], threshold)
    answer_card.card(run, given[chosen], threshold, "own")
    if given[chosen].answer is not None:
        _offer_correction(run, given[chosen], threshold)
    with st.container(horizontal=True):
        st.download_button(
            "Download all answers (CSV)",
            predictions.to_csv(answered.to_dict() for answered in given),
            "answers.csv",
            "text/csv",
            icon=":material/download:",
        )
        st.button("Clear", icon=":material/delete:", on_click=_clear, args=(given,))


def _clear(given: list[Explanation]) -> None:
    given.clear()
    st.session_state.pop(RIGHT, None)


def _show_table(given: list[Explanation], threshold: float) -> int:
    """Show all answers, and return the place of the one that is picked, at first the newest."""
    st.subheader(f"{len(given):,} answers", anchor=False)
    picked: Any = st.dataframe(
        pd.DataFrame(
            {
                "photo": answered.icon or None,
                "file": printable(answered.name),
                "answer": printable(answered.answer.label) if answered.answer else None,
                "probability": answered.answer.told * 100 if answered.answer else None,
                "like those learned from": (
                    answered.answer.score >= threshold if answered.answer else None
                ),
                "what is wrong": printable(answered.error),
            }
            for answered in given
        ),
        hide_index=True,
        height="content" if len(given) <= ROWS_WITHOUT_SCROLLING else "auto",
        column_config={
            "photo": st.column_config.ImageColumn(width="small"),
            "probability": st.column_config.NumberColumn(format="%.1f %%"),
        },
        on_select="rerun",
        selection_mode="single-row",
        key=f"table {len(given)}",
        placeholder="",  # None could be read as an answer
        alt="All answers",
    )
    st.caption(
        "Pick a row to see the photo and its answer below; a column's name sorts. Answers are not "
        "kept when the page is reloaded: download them before."
    )
    rows = picked.selection.rows
    return rows[0] if rows else 0


def _offer_correction(run: Run, answered: Explanation, threshold: float) -> None:
    corrections: dict[str, tuple[str, str]] = st.session_state.setdefault(RIGHT, {})
    assert answered.answer is not None
    titles = dict(zip(run.class_names, run.class_titles, strict=True))
    others = [name for name in run.class_names if name != answered.answer.label]
    with st.container(border=True):
        right = st.selectbox(
            "This is wrong: it shows",
            [*others, NONE_OF_THEM],
            index=None,
            placeholder="Choose what is right",
            key=f"right {answered.id}",
            format_func=lambda name: printable(titles.get(str(name), str(name))),
        )
        if right:
            corrections[answered.id] = (answered.answer.label, right)
            named = None if right == NONE_OF_THEM else right
            told = explanation.what_would_change(
                answered.answer.renamed(titles), titles.get(right), threshold
            )
            st.markdown(as_text(told))
            if named:
                offer_photo(answered, named)
        else:
            corrections.pop(answered.id, None)
        judged = len(_answers(run))
        wrong = sum(one.id in corrections for one in _answers(run))
        if wrong:
            st.caption(
                f"Of your photos: {rate(judged - wrong, judged, 'answers')} not corrected by you. "
                "Corrections stay in this browser session."
            )


main()
