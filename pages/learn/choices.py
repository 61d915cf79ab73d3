"""Part 7 of the lesson on Learn, the choices of a recipe that are left."""

import numpy as np
import pandas as pd
import streamlit as st

from imgcls._utils.formatting import chance, percent, plural
from imgcls._utils.names import printable
from imgcls.charts import lesson
from imgcls.charts import seeds as seed_charts
from imgcls.charts.drawings import number_grid
from imgcls.charts.predictions import probability_bars
from imgcls.config import TrainConfig
from imgcls.evaluation import eight_bits
from imgcls.evaluation.predictions import most_probable
from imgcls.inference.confidence import Confidence
from imgcls.lesson import batch_size, bits, dropout, optimizers, seeds
from imgcls.lesson.last_layer import SHARED, SOFTMAX, compare, cross_entropy
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from pages import cached
from pages.components.errors import empty, plain_errors
from pages.components.text import as_text
from pages.learn.photo import Photo
from pages.state import cannot_answer

SIZES = tuple(2**power for power in range(10))
TRAINING_PHOTOS = 9_469  # of Imagenette
STEPS = 60
BITS = (2, 3, 4, 5, 6, 8)  # of a weight
UNITS = 64  # that dropout is shown on, as many as the paper's head has
START = -1.0  # of the weight that walks
NO_TOOLS = {"displayModeBar": False}


def show(run: Run | None, photo: Photo) -> None:
    """Explain each choice with something to try it on."""
    config = run.config if run else PRESETS["paper"]
    whose = "The current run" if run else "The paper's recipe"
    st.markdown(
        f"A recipe has more choices than which layers to train. {whose} made these: "
        f"**{config.activation}** at the end, the optimizer **Adam**, **{config.dropout:g}** "
        f"dropout, **{config.batch_size}** photos a batch."
    )
    with st.container(border=True):
        _last_layer(run.class_titles[:3] if run else ["Fish", "Dog", "Radio"])
    with st.container(border=True):
        _adam(config)
    with st.container(border=True):
        _dropout(config)
    with st.container(border=True):
        _batch_size(run, config)
    with st.container(border=True):
        _bits(run, photo)
    with st.container(border=True):
        _seeds()


@st.fragment
def _last_layer(names: list[str]) -> None:
    st.subheader("Sigmoid or softmax", anchor=False)
    st.markdown(
        "A *dense* layer adds up all its inputs, each times a weight of its own, and a bias. The "
        "last one has one unit a class; its sums, the *logits*, can be any number.\n"
        "- **Sigmoid** squeezes each into 0 to 1, on its own.\n"
        "- **Softmax** takes e to the power of each and divides by the sum of these, so that all "
        "classes together make 1.\n"
        "- **Cross-entropy**, the loss, is minus the logarithm of the probability given to the "
        "true class: 0 when that is 1."
    )
    with plain_errors():
        left, right = st.columns([2, 3])
        with left:
            starts = (2.0, 1.0, -3.0)
            logits = [
                st.slider(f"Logit of {as_text(name)}", -8.0, 8.0, start, 0.5, key=f"logit {number}")
                for number, (name, start) in enumerate(zip(names, starts, strict=False))
            ]
            true = st.segmented_control(
                "True class",
                names,
                default=names[0],
                required=True,
                key="true class",
                format_func=as_text,
            )
        table = compare(logits)
        right.plotly_chart(
            lesson.last_layers(table, names),
            config=NO_TOOLS,
            key="last layers",
            alt="Outputs of sigmoid and softmax for each class",
        )
        label = names.index(true or names[0])
        st.markdown(
            f"Cross-entropy of the softmax: **{cross_entropy(table[SOFTMAX].tolist(), label):.3f}**"
            f"; of the sigmoids divided by their sum: "
            f"{cross_entropy(table[SHARED].tolist(), label):.3f}."
        )
    st.markdown(
        "The paper ends its network with a sigmoid, although the ten classes exclude each other "
        "and softmax is usual. In Keras 3 both train identically: under a sigmoid, its sparse "
        "categorical cross-entropy does not divide the outputs by their sum. It takes the logits "
        "from before the sigmoid and applies softmax to them, so that the first of these two "
        "numbers is what training makes small. The probabilities in this app are the softmax of "
        "the logits too."
    )


@st.fragment
def _adam(config: TrainConfig) -> None:
    st.subheader("Adam", anchor=False)
    rates = " and ".join(
        f"{phase.learning_rate:.8f}".rstrip("0") + f" in phase {phase.number}"
        for phase in config.phases
    )
    st.markdown(
        "The *gradient* says how the loss changes with each weight. Plain gradient descent (SGD) "
        "steps against it, by the *learning rate* times the gradient: with small gradients it "
        "crawls, with large ones it jumps too far. *Adam* (Kingma & Ba 2015) divides the mean of "
        "the last gradients by the root of the mean of their squares. Their scale cancels, and a "
        "step is about as long as the learning rate says, or shorter where the gradients disagree. "
        f"The recipe's learning rates: {rates}."
    )
    with plain_errors():
        left, right = st.columns([2, 3])
        with left:
            scale = st.select_slider(
                "Scale of the gradient (steepness of the valley)",
                [0.01, 0.1, 1.0, 10.0, 100.0],
                1.0,
                key="steepness",
            )
            rate = st.select_slider("Learning rate", [0.01, 0.03, 0.1, 0.3, 1.0], 0.1, key="rate")
            gradient = optimizers.valley(scale)
            paths = {
                "SGD": optimizers.sgd(gradient, START, rate, STEPS),
                "Adam": optimizers.adam(gradient, START, rate, STEPS),
            }
            first = " and ".join(
                f"{abs(path[1] - START):.3g} ({name})" for name, path in paths.items()
            )
            st.markdown(f"The first step is {first} long, the learning rate {rate:g}.")
        right.plotly_chart(
            lesson.descents(paths),
            config=NO_TOOLS,
            key="descents",
            alt=f"One weight over {STEPS} steps of SGD and of Adam",
        )
        st.caption(
            f"One weight that starts at {START:g}, with the loss *scale* times (weight - 3)² / 2."
        )


@st.fragment
def _dropout(config: TrainConfig) -> None:
    st.subheader("Dropout", anchor=False)
    st.markdown(
        "In training, *dropout* (Srivastava et al. 2014) switches off a random share of the units "
        "at each step, so that no unit can rely on another one. The others are divided by the "
        "share that stays on, which keeps the mean on average. In use it does nothing."
    )
    with plain_errors():
        left, right = st.columns([2, 3])
        with left:
            rate = st.slider("Rate", 0.0, 0.9, config.dropout, 0.05, key="rate of dropout")
            number = st.session_state.setdefault("step of dropout", 1)
            st.button("Next step", icon=":material/casino:", on_click=_draw_again)
        kept = dropout.draw(UNITS, rate, number)
        values = dropout.apply(np.ones(UNITS, np.float32), kept, rate)
        left.markdown(
            f"**{UNITS - kept.sum()} of {UNITS}** units are off; those that are on say "
            f"{1 / (1 - rate):.2f} instead of 1. Mean: **{values.mean():.2f}**."
        )
        right.image(
            number_grid.grid(values.reshape(-1, 8), number_grid.signed(2)),
            f"{UNITS} units that all say 1, under dropout",
            width=320,
            alt=f"{UNITS - kept.sum()} of {UNITS} units are 0",
        )


def _draw_again() -> None:
    st.session_state["step of dropout"] += 1


@st.fragment
def _batch_size(run: Run | None, config: TrainConfig) -> None:
    st.subheader("Batch size", anchor=False)
    st.markdown(
        "The weights are changed after each *batch* of photos, by the mean of their gradients. "
        "Larger batches mean fewer steps an *epoch*, a pass over all photos, and less noise: it "
        "falls with the root of the batch size, so that four times the photos halve it (Goodfellow "
        "et al. 2016, section 8.1.3). Some noise does no harm and may even help with photos that "
        "training has not seen; but small batches keep a processor less busy."
    )
    with plain_errors():
        left, right = st.columns([2, 3])
        nearest = min(SIZES, key=lambda size: abs(size - config.batch_size))
        size = left.select_slider("Batch size", SIZES, nearest, key="size of a batch")
        photos = run.record.data.count("train") if run else TRAINING_PHOTOS
        steps = batch_size.steps_per_epoch(photos, size)
        left.metric(f"Steps an epoch, for {photos:,} photos", f"{steps:,}")
        left.metric("Noise, compared with one photo", percent(1 / size**0.5))
        if run is None or run.status != "finished":
            empty("A finished run shows its own gradients here.", "pages/train/page.py")
            return
        right.plotly_chart(
            lesson.gradient_noise(_noise(run, run.id), size),
            config=NO_TOOLS,
            key="noise",
            alt="Noise of the gradient against the batch size",
        )
        right.caption(
            "The gradient by the biases of the last layer, of the current run at its end: how far "
            "the mean of a batch is from that of all its validation photos, over 200 batches."
        )


@st.fragment
def _bits(run: Run | None, photo: Photo) -> None:
    st.subheader("What do 8 bits cost?", anchor=False)
    st.markdown(
        "A weight has 32 bits. *Quantisation* (Jacob et al. 2018) keeps a whole number of steps "
        "for each, and one step for each unit or channel: with 8 bits from -127 to 127. The file "
        "becomes smaller, and a processor multiplies several such numbers at a time. Here the two "
        "dense layers of the current run answer with fewer bits, the rest of it with 32."
    )
    with plain_errors():
        if run is None or not run.can_predict:
            empty(*cannot_answer(run))
            return
        left, right = st.columns([2, 3])
        chosen = left.select_slider("Bits a weight", BITS, BITS[-1], key="bits")
        left.metric("Values that a weight can have", f"{bits.values(chosen):,}")
        predictor, confidence = cached.predictor(run), Confidence.of_run(run)
        seen = predictor.predict(photo.content)
        logits = bits.logits(predictor.head, seen.feature_maps, chosen)
        shares = confidence.probabilities(logits)
        top = most_probable(shares[0].tolist(), run.class_titles)
        names = dict(zip(run.class_names, run.class_titles, strict=True))
        right.plotly_chart(
            probability_bars(top, confidence.step),
            config=NO_TOOLS,
            key="answer with fewer bits",
            alt=printable(f"With {plural(chosen, 'bit')}: {top[0][0]} {percent(top[0][1])}"),
        )
        right.caption(
            f"*{as_text(photo.name)}*; with 32 bits {as_text(seen.renamed(names).label)} "
            f"{chance(seen.probability, seen.step)}. The photo is that of the parts before."
        )
        price = eight_bits.kept(run)
        st.markdown(
            f"**The whole network, measured.** {as_text(price.sentence)}"
            if price
            else "What 8 bits cost the whole network is measured when it is exported with them: "
            "see *Origin* on Results."
        )


@st.fragment
def _seeds() -> None:
    st.subheader("What is a difference?", anchor=False)
    st.markdown(
        "A *seed* decides what chance decides: the head's first weights, the order of the photos, "
        "which units dropout sets to 0. The same recipe with another seed is another network, and "
        "another accuracy. Is *hires* (224 px) better than *paper* (160 px), or was it lucky?"
    )
    with plain_errors():
        table = seeds.measured()
        left, right = st.columns([2, 3])
        counted = left.select_slider(
            "Seeds of each recipe", sorted(table["seed"].unique()), 1, key="seeds counted"
        )
        chosen = table[table["seed"] <= counted]
        by_preset = {name: rows["val_accuracy"] for name, rows in chosen.groupby("preset")}
        found = seeds.difference(by_preset["hires"], by_preset["paper"])
        left.metric("hires minus paper, percentage points", f"{found.mean * 100:+.2f}")
        if counted > 1:
            left.metric("95 % interval", f"{found.low * 100:+.2f} to {found.high * 100:+.2f}")
        right.plotly_chart(
            seed_charts.accuracies(table, chosen),
            config=NO_TOOLS,
            key="seeds",
            alt=f"Validation accuracy of {len(table)} trainings of two recipes, {counted} counted "
            "of each",
        )
        st.markdown(_judged(found, counted))
        st.caption(
            f"Imagenette, {table['val_n'].iloc[0]:,} validation photos; the interval is that of "
            "Welch's t-test. The runs shipped with this app have seed 1: of five the best one, in "
            "both recipes. A recipe is known by the mean of its seeds, not by its best one."
        )


def _judged(found: seeds.Difference, counted: int) -> str:
    if counted == 1:
        return (
            "**One seed of each says nothing of chance.** With other seeds the difference may be "
            "larger, or the other way round. Count more of them."
        )
    if found.could_be_chance:
        return "**This may be chance:** the interval holds 0. More seeds make it narrower."
    return "**More than chance:** the interval does not hold 0."


@st.cache_data(max_entries=4, show_spinner=False)
def _noise(_run: Run, run_id: str) -> pd.DataFrame:  # noqa: ARG001, the key
    found = cached.predictions(_run)
    found = found[found["split"] == "validation"]
    shares = np.stack(found["probabilities"].to_list()).astype(np.float64)
    return batch_size.noise(batch_size.gradients(shares, found["label"].to_numpy()), SIZES)
