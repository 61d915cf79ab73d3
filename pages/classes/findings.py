"""What would help, each with its evidence and one click that does it."""

from collections.abc import Sequence

import streamlit as st

from imgcls._utils.formatting import plural
from imgcls.data.collections.collection import Collection
from imgcls.evaluation.own_photos.advice import Action, Finding, Kind
from imgcls.evaluation.own_photos.judge import Judgement
from pages.classes import cards, notices
from pages.classes.tuning import BALANCED
from pages.components.text import as_text

FIRST = 6  # shown at once; the others wait in an expander
# Found photo by photo: told together, as soon as there are several.
TOGETHER = {
    Kind.UNREADABLE: "cannot be read",
    Kind.BLURRED: "are blurred, or show nothing but an even surface",
    Kind.DARK: "are nearly black",
    Kind.TINY: "are tiny",
    Kind.DUPLICATE: "are nearly the same as another one of their class",
}


def show(collection: Collection, judgement: Judgement) -> None:
    """Show all findings, those that help most first."""
    found = _together(judgement.findings)
    if not found:
        if judgement.result is not None:
            st.success("Nothing stands out in the photos.", icon=":material/check:")
        return
    st.subheader("What would help", anchor=False)
    photos = len(judgement.examined.photos)
    for number, finding in enumerate(found[:FIRST]):
        _show(collection, finding, f"finding {number}", photos)
    if rest := found[FIRST:]:
        with st.expander(f"{len(rest)} more"):
            for number, finding in enumerate(rest, start=FIRST):
                _show(collection, finding, f"finding {number}", photos)


def _together(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings with those of TOGETHER as one each, at the place of the first."""
    found: dict[object, Finding] = {}
    for number, finding in enumerate(findings):
        key = finding.kind if finding.kind in TOGETHER else number
        if key in found:
            photos = tuple(dict.fromkeys([*found[key].photos, *finding.photos]))
            text = f"{plural(len(photos), 'photo')} {TOGETHER[finding.kind]}."
            found[key] = Finding(finding.kind, finding.action, text, photos=photos)
        else:
            found[key] = finding
    return list(found.values())


def _show(collection: Collection, finding: Finding, key: str, photos: int) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(as_text(finding.text), width="stretch")
            # What most photos are is no reason to leave them out.
            if len(finding.photos) * 2 > photos:
                return
            _offer(collection, finding, key)
        if finding.photos:
            target = finding.classes[-1:] if finding.action == Action.MOVE else ()
            cards.show_photos(
                collection,
                f"finding, {finding.kind}",
                list(finding.photos),
                list(target),
                {cards.LEAVE_OUT: "Leave out"},
                key=f"{key} ",
            )


def _offer(collection: Collection, finding: Finding, key: str) -> None:
    """Show the click that does what a finding asks for."""
    if finding.action == Action.ADD_PHOTOS:
        name = finding.classes[0]
        st.button(
            "Take photos", key=key, icon=":material/photo_camera:", on_click=_open, args=(name,)
        )
    elif finding.action == Action.WEIGHT_CLASSES:
        st.button("Do so when fine-tuning", key=key, icon=":material/balance:", on_click=_balance)
    elif finding.kind == Kind.IN_TWO_CLASSES:
        for name in finding.classes:
            photos = [photo for photo in finding.photos if photo.startswith(f"{name}/")]
            st.button(
                f"Leave out of {as_text(name)}",
                key=f"{key} {name}",
                on_click=_leave_out,
                args=(collection, photos),
            )
    elif finding.action in (Action.LEAVE_OUT, Action.MOVE):
        if finding.action == Action.MOVE:
            st.button(
                f"Move to {as_text(finding.classes[-1])}",
                key=f"{key} move",
                on_click=_move,
                args=(collection, finding.photos, finding.classes[-1]),
            )
        st.button(
            f"Leave out {plural(len(finding.photos), 'photo')}",
            key=key,
            on_click=_leave_out,
            args=(collection, finding.photos),
        )


def _open(name: str) -> None:
    st.session_state[f"camera {name}"] = True


def _balance() -> None:
    st.session_state[BALANCED] = True
    notices.done("Photos of small classes count more in the next fine-tuning.")


def _move(collection: Collection, photos: Sequence[str], to: str) -> None:
    with notices.told():
        collection.move(photos, to)
        notices.done(f"{plural(len(photos), 'photo')} moved to {to}.")


def _leave_out(collection: Collection, photos: Sequence[str]) -> None:
    with notices.told():
        collection.leave_out(photos)
        notices.done(f"{plural(len(photos), 'photo')} left out: bring them back below the class.")
