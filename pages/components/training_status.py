"""The training under way, as Train shows it, and how to go on with a stopped one."""

import pandas as pd
import streamlit as st

from imgcls._utils import formatting
from imgcls.charts.drawings.phases import phases as drawings
from imgcls.charts.training import describe_curve, learning_curve
from imgcls.config import Phase
from imgcls.data.dataset import Dataset
from imgcls.evaluation import sweeps as figures
from imgcls.evaluation.intervals import interval, tested, told
from imgcls.paths import models_dir
from imgcls.runs import events, store, sweeps
from imgcls.runs.run import Run, RunError
from imgcls.training import jobs
from pages.components import phase_pictures
from pages.components.errors import plain_errors
from pages.components.text import as_text, message
from pages.state import RUN, current_dataset, use

TRAIN, RESULTS = "pages/train/page.py", "pages/results/page.py"
SECONDS_BETWEEN_LOOKS = 1.0
UNKNOWN = "..."
WATCHED = "watched run"  # the one that this visitor saw in training, to say how it ended


def under_way() -> bool:
    """Return whether a training is starting or going on, whoever started it."""
    models = models_dir()
    going_on = (jobs.current(models), store.running(models), sweeps.under_way(models))
    return any(one is not None for one in going_on)


def show() -> None:
    """Show the training under way until it is over, or how the last one ended."""
    if under_way():
        st.fragment(_watch, run_every=SECONDS_BETWEEN_LOOKS)()
    else:
        _show_how_it_ended()


def shows(run: Run) -> bool:
    """Return whether this run stands above the recipe, with a button to see or resume it."""
    if under_way():
        return False
    unfinished = store.newest_unfinished(models_dir(), run.fingerprint)
    return _was_watched(run) or (unfinished is not None and unfinished.id == run.id)


def offer_results(run: Run, label: str) -> None:
    """Show a button that opens the run and goes to its results."""
    if st.button(label, type="primary", icon=":material/monitoring:"):
        use(RUN, run.id)
        go_to(RESULTS)


def offer_sweep(dataset: Dataset) -> None:
    """Show how far the newest sweep on these photos came, and lead to its runs."""
    models = models_dir()
    known = sweeps.known(models)
    sweep = next((one for one in known if one.fingerprint == dataset.fingerprint), None)
    if sweep is None or under_way():
        return
    finished = sweeps.finished(models, sweep)
    with st.container(border=True):
        done = f"{len(finished)} of {len(sweep.runs)} runs are over"
        st.markdown(f"Sweep {as_text(sweep.id)}: {done}.")
        if len(finished) < len(sweep.runs) and jobs.allowed():
            st.caption("It was stopped. The same command goes on:")
            st.code(sweep.command, language=None)
        if finished and st.button("Compare its runs", icon=":material/monitoring:"):
            best, _ = figures.best_and_worst(figures.table(finished, sweep.varied))
            use(RUN, best)
            st.switch_page(RESULTS, query_params={"view": "Compare"})


def offer_unfinished(dataset: Dataset) -> None:
    """Show the newest run on these photos that can be resumed, unless `show` does."""
    run = store.newest_unfinished(models_dir(), dataset.fingerprint)
    if run is None or _was_watched(run) or under_way() or not jobs.allowed():
        return
    with st.container(border=True):
        st.markdown(f"**{as_text(run.title)}** is {run.status}: {_how_far(run)}")
        offer_resume(run, dataset)


def offer_resume(run: Run, dataset: Dataset | None) -> None:
    """Show the button that goes on with an unfinished run, or what it needs."""
    if dataset is None or dataset.fingerprint != run.fingerprint:
        name = as_text(run.dataset_title)
        st.info(f"To resume it, the photos of {name} are needed as they were when it began.")
    elif not jobs.allowed():
        st.info("Trainings cannot be resumed on this server.")
    elif under_way():
        st.info("To resume it, wait for the training under way, or stop that one on Train.")
    elif st.button("Resume", type="primary", icon=":material/play_arrow:", key=f"resume {run.id}"):
        jobs.resume_training(models_dir(), location(dataset), run.id)
        go_to(TRAIN)


def go_to(file: str) -> None:
    """Leave for a page, which opens what `pages.state.use` was told."""
    # Without parameters of its own, it refuses to leave an address that names a run or a dataset.
    st.switch_page(file, query_params={})


def location(dataset: Dataset) -> str:
    """Return the dataset as the command line names it."""
    return dataset.location


def _watch() -> None:
    with plain_errors():
        run, job = store.running(models_dir()), jobs.current(models_dir())
        sweep = sweeps.under_way(models_dir())
        if run is None and job is None and sweep is None:
            st.rerun()
        with st.container(border=True):
            head = st.container(horizontal=True, vertical_alignment="center")
            if sweep is not None:
                done, total = len(sweeps.finished(models_dir(), sweep)), len(sweep.runs)
                st.progress(
                    done / total, f"Sweep {as_text(sweep.id)}: {done} of {total} runs are over"
                )
            if jobs.ending(models_dir()):
                head.subheader("The training is over", anchor=False)
                st.progress(1.0, "Its process is ending")
            elif run is None:
                head.subheader("A training is starting", anchor=False)
                st.progress(0.0, "TensorFlow is loading and the photos are being read")
            else:
                st.session_state[WATCHED] = run.id
                said = as_text(f"{run.title} is being trained on {run.dataset_title}")
                head.subheader(said, anchor=False)
                _show_progress(run)
            if job is None:
                st.caption("It was started on the command line: stop it there with Ctrl-C.")
            elif head.button("Stop", icon=":material/stop_circle:", key="stop"):
                with st.spinner("Stopping, which takes two seconds at most"):
                    jobs.stop(models_dir())
                st.rerun()


def _show_progress(run: Run) -> None:
    now = events.read_progress(run)
    share = now.done / now.total if now.total else 0.0
    phases = run.config.phases
    phase = next((phase for phase in phases if phase.number == now.phase), phases[0])
    photos = f"{now.done:,} of {now.total:,} photos"
    match now.stage:
        case "preparing":
            st.progress(0.0, "The network is being built")
        case "features":
            st.progress(share, f"Frozen layers, computed once for all epochs: {photos}")
        case "training":
            st.progress(
                share,
                f"**Phase {phase.number} of {len(phases)}** ({phase.name}), **epoch {now.epoch} of "
                f"{_epochs(run)}**: {photos}",
            )
        case "finishing":
            phase = phases[-1]
            st.progress(1.0, "The last epoch is over; the results are being written")
    curve, beside = st.columns([3, 2], gap="medium")
    with curve:
        _show_curve(run, "accuracy", now.steps)
    with beside:
        phase_pictures.show_one(drawings(run.config, len(run.class_names))[phases.index(phase)])
        _show_figures(run, now, phase)
    with st.expander("Loss"):
        _show_curve(run, "loss", now.steps)


def _show_figures(run: Run, now: events.Progress, phase: Phase) -> None:
    """Show how good it is by now and how long it takes; what is not known yet keeps its place."""
    left = UNKNOWN if now.seconds_left is None else formatting.duration(now.seconds_left)
    learned = UNKNOWN if now.steps.empty else formatting.percent(now.steps["accuracy"].iloc[-1])
    n, known = run.record.data.count("validation"), run.record.history
    seen, note = UNKNOWN, "after the first epoch"
    if known:
        accuracy = known[-1].val_accuracy
        seen = formatting.percent(accuracy)
        ends = interval(round(accuracy * n), n)
        note = f"of {formatting.plural(n, 'photo')} after epoch {known[-1].epoch}; {told(ends)}"
    stage = "the frozen layers" if now.stage == "features" else f"phase {phase.number}"
    for label, value, caption in (
        ("Time left", left, f"of {stage}"),
        ("Accuracy now", learned, "of the training photos since the epoch began"),
        ("Validation accuracy", seen, note),
    ):
        with st.container(gap=None):
            st.metric(label, value)
            st.caption(caption)


def _epochs(run: Run) -> int:
    return sum(phase.epochs for phase in run.config.phases)


def _how_far(run: Run) -> str:
    epochs = f"{len(run.record.history)} of {_epochs(run)} epochs are over"
    return f"{epochs}. *Resume* goes on from the last step that was saved."


def _was_watched(run: Run) -> bool:
    return bool(st.session_state.get(WATCHED) == run.id)


def _show_how_it_ended() -> None:
    failed = jobs.error(models_dir())
    if failed:
        st.error(f"The last training failed. {message(failed)}", icon=":material/error:")
    if WATCHED not in st.session_state:
        return
    try:
        run = store.find(models_dir(), st.session_state[WATCHED])
    except RunError:  # somebody has deleted it
        return
    with st.container(border=True):
        st.subheader(f"{as_text(run.title)}: {run.status}", anchor=False)
        if run.status == "finished":
            right = tested(run.test)
            spent = formatting.duration(run.record.timings.total)
            st.markdown(f"It took {spent} and gets {right} right.")
            offer_results(run, "Show its results")
        else:
            st.markdown(_how_far(run))
            offer_resume(run, current_dataset())
        for column, metric in zip(st.columns(2), ("accuracy", "loss"), strict=True):
            with column:
                _show_curve(run, metric)


def _show_curve(run: Run, metric: str, steps: pd.DataFrame | None = None) -> None:
    st.plotly_chart(
        learning_curve(run.history, metric, run.config.phases, steps=steps),
        key=f"live {metric}",
        config={"displayModeBar": False},
        alt=describe_curve(run.history, metric),
    )
