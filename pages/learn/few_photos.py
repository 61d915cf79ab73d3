"""Part 6 of the lesson on Learn, how many photos each way of learning needs."""

import math

import pandas as pd
import streamlit as st

from imgcls._utils.formatting import percent, plural
from imgcls.charts.comparisons import photos_per_class
from imgcls.evaluation.own_photos.judge import Judgement
from imgcls.lesson import small_data
from imgcls.lesson.seeds import Difference
from imgcls.lesson.small_data import Need, Standing
from imgcls.runs.run import Run, RunError
from pages import cached
from pages.classes import choice, evidence
from pages.components.errors import plain_errors
from pages.components.tables import table_height
from pages.components.text import message
from pages.learn.photo import Photo

WANTED = 0.9  # accuracy that is guessed for
REVEALED = "photos a class are revealed"
OWN_CLASSES = "pages/classes/page.py"


def show(run: Run | None, photo: Photo) -> None:  # noqa: ARG001, all parts are called alike
    """Let the reader guess how many photos it takes, and show what was measured."""
    st.markdown(
        "Photos are work: somebody takes each one and says what it shows. A pretrained network has "
        "learned to see on the photos of others; one from scratch has yours alone. How many does "
        "each of them need?"
    )
    curves = small_data.learning_curves()
    with st.container(border=True):
        guesses = _ask(curves)
    if not st.session_state.get(REVEALED):
        st.button(
            "Show what was measured", type="primary", icon=":material/visibility:", on_click=_reveal
        )
    else:
        _answer(curves, guesses)
        _compare()
    _show_own()


def _reveal() -> None:
    st.session_state[REVEALED] = True


def _ask(curves: pd.DataFrame) -> dict[str, str | None]:
    """Ask for a guess for each kind of way, and return them."""
    sizes = sorted(set(curves["photos_per_class"]))
    options = [*map(str, sizes), _more(sizes[-1])]
    st.markdown(
        f"**Your guess:** how many photos a class, until {WANTED * 100:.0f} % of other photos are "
        "recognized?"
    )
    return {
        kind: st.segmented_control(
            kind.capitalize(), options, key=f"guess {kind}", persist_state="session"
        )
        for kind in dict.fromkeys(map(small_data.kind, curves["name"]))
    }


def _answer(curves: pd.DataFrame, guesses: dict[str, str | None]) -> None:
    """Say for each kind of way what its best needs, beside the guess."""
    found = small_data.needed(curves, WANTED)
    for kind, guess in guesses.items():
        # The fewest photos; where none were enough, the way that came furthest.
        best = min(
            (need for need in found if small_data.kind(need.name) == kind),
            key=lambda need: (need.photos or math.inf, -need.reached),
        )
        guessed = f" Your guess: {guess}." if guess else ""
        st.markdown(f"**{kind.capitalize()}: {_told(best)}.**{guessed} {_reached(best)}")


def _told(need: Need) -> str:
    if need.photos is None:
        return _more(need.most)
    return f"{need.photos} or fewer" if need.photos == need.fewest else str(need.photos)


def _reached(need: Need) -> str:
    photos = need.photos or need.most
    which = {need.most: ", the most measured", need.fewest: ", the fewest measured"}
    return (
        f"With {photos} photos a class{which.get(photos, '')}, *{need.name}* reaches "
        f"{percent(need.reached)}."
    )


def _more(most: int) -> str:
    return f"more than {most}"


@st.fragment
def _compare() -> None:
    """Let a number of photos be chosen, and say which way leads there, and whether by chance."""
    with plain_errors():
        curves = small_data.learning_curves()
        sizes = sorted(set(curves["photos_per_class"]))
        chosen = st.select_slider("Photos a class", sizes, sizes[1], key="photos a class")
        ways = small_data.ranking(curves, chosen)
        st.markdown(_said(ways, chosen))
        st.plotly_chart(
            photos_per_class(curves, WANTED, chosen),
            config={"displayModeBar": False},
            key="photos per class",
            alt="Accuracy against training photos a class: "
            + "; ".join(
                f"{name} from {curve['accuracy'].iloc[0]:.1%} with "
                f"{curve['photos_per_class'].iloc[0]} to {curve['accuracy'].iloc[-1]:.1%} with "
                f"{curve['photos_per_class'].iloc[-1]}"
                for name, curve in curves.groupby("name", sort=False)
            ),
        )
        _show_table(ways, small_data.needed(curves, WANTED))
        _explain(curves)


def _said(ways: list[Standing], photos: int) -> str:
    best, *others = ways
    leads = f"With **{photos} photos a class** *{best.name}* leads: **{percent(best.accuracy)}**."
    kind = small_data.kind(best.name)
    other_kind = [way for way in others[1:] if small_data.kind(way.name) != kind]
    return "\n- ".join([leads, *map(_behind, [*others[:1], *other_kind[:1]])])


def _behind(way: Standing) -> str:
    distance = (
        f"*{way.name[0].upper()}{way.name[1:]}* is {way.behind.mean * 100:.1f} points behind."
    )
    if way.draws == 1:
        return f"{distance} There is one draw to compare, which says nothing of chance."
    told = f"over {way.draws} draws the 95 % interval is {_interval(way.behind)}"
    if way.behind.could_be_chance:
        return f"{distance} **This may be chance:** {told}, which holds 0."
    return f"{distance} **More than chance:** {told}."


def _interval(difference: Difference) -> str:
    return f"{difference.low * 100:+.1f} to {difference.high * 100:+.1f}"


def _show_table(ways: list[Standing], needs: list[Need]) -> None:
    enough = {need.name: _told(need) for need in needs}
    best, *_ = ways
    table = pd.DataFrame(
        {
            "way": way.name,
            "accuracy": percent(way.accuracy),
            "points behind": "" if way is best else f"{way.behind.mean * 100:.1f}",
            "95 % interval": "" if way is best or way.draws == 1 else _interval(way.behind),
            "draws": way.draws,
            f"photos for {WANTED * 100:.0f} %": enough[way.name],
        }
        for way in ways
    )
    st.dataframe(
        table,
        hide_index=True,
        height=table_height(table),
        alt="The ways with so many photos a class, the best first",
    )


def _explain(curves: pd.DataFrame) -> None:
    draws, fewest = sorted(set(curves["seeds"])), int(curves["photos_per_class"].min())
    st.caption(
        f"Share of {curves['n'].max()} held-out photos of Imagenette that are right, mean over "
        f"{draws[0]} to {plural(draws[-1], 'draw')} of training photos; the bars are 95 % "
        "intervals for so many held-out photos. *Points behind* the best, and their 95 % interval "
        "(paired t-test), are those of the draws that both have; other held-out photos would move "
        "them too. The best of several is chosen after the fact, which flatters it a little.\n\n"
        "The pretrained network was trained on ImageNet, which has these ten classes: other things "
        f"may take more photos. The paper's recipe makes 3 + 3 epochs, with {fewest} photos a "
        f"class {small_data.paper_steps(fewest)} steps, and ends before its new head has learned "
        "much. The preset *small-data* begins with a head fitted by logistic regression."
    )


def _show_own() -> None:
    st.subheader("And your own things?", anchor=False)
    judgement = _own_judgement()
    if judgement is None:
        st.markdown(
            "Imagenette says little about them. Collect a few photos: from five a class on there "
            "is such a curve of your own, with a quarter, half and all of them."
        )
    elif judgement.result is None:
        st.markdown(message(judgement.why_not))
    else:
        evidence.show_curve(judgement.result, "own learning curve of the lesson")
        st.caption(
            f"Your own {len(judgement.examined.classes)} classes, {judgement.result.burst_safe.n} "
            "different photos: logistic regression on pretrained features, with a quarter, half "
            "and all of what each fold of the cross-validation learns from, with 95 % intervals. "
            "Does it still rise at its end? Then more photos help."
        )
    st.page_link(OWN_CLASSES, label="Go to Your classes", icon=":material/category:")


def _own_judgement() -> Judgement | None:
    """Return what is known of the reader's own classes; None where there is nothing to judge."""
    collection = choice.last_used() or choice.of_project()
    if collection is None or not collection.photos():
        return None
    try:
        with st.spinner("Looking at the photos"):
            return cached.judgement(collection)
    except RunError:  # no run here computes features
        return None
