from pathlib import Path

import pandas as pd
import pytest

from imgcls.runs import events
from imgcls.runs.events import (
    EpochEnded,
    Event,
    FeaturesStep,
    Finishing,
    StatusChanged,
    TrainingStep,
)
from imgcls.runs.files import EVENTS
from imgcls.runs.run import Run
from tests.support.runs import example


def run_with(folder: Path, *reported: Event) -> Run:
    run = Run(folder, example())
    for event in reported:
        events.append_event(run, event)
    return run


def step(epoch: int, done: int, loss: float = 1.0) -> TrainingStep:
    return TrainingStep(
        phase=1, epoch=epoch, done=done, total=100, loss=loss, accuracy=0.5, seconds_left=7.0
    )


RUNNING = StatusChanged(status="running")


def test_without_events_it_is_preparing(tmp_path: Path) -> None:
    found = events.read_progress(run_with(tmp_path))
    assert (found.stage, found.phase, found.seconds_left) == ("preparing", None, None)
    assert found.steps.empty


def test_the_frozen_layers_take_as_long_as_they_have_taken_so_far(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = run_with(tmp_path, RUNNING)
    for done, now in ((10, 1.0), (60, 6.0)):
        monkeypatch.setattr("time.time", lambda now=now: now)
        events.append_event(run, FeaturesStep(done=done, total=100))
    found = events.read_progress(run)
    assert (found.stage, found.done, found.total) == ("features", 60, 100)
    assert found.seconds_left == 4.0


def test_steps_become_curves_over_the_epochs_passed(tmp_path: Path) -> None:
    found = events.read_progress(
        run_with(tmp_path, RUNNING, step(1, 50), step(1, 100), step(2, 25))
    )
    assert (found.stage, found.phase, found.epoch, found.seconds_left) == ("training", 1, 2, 7.0)
    assert found.steps["epochs"].tolist() == [0.5, 1.0, 1.25]


def test_what_is_repeated_after_a_crash_replaces_what_was_lost(tmp_path: Path) -> None:
    run = run_with(
        tmp_path, RUNNING, step(1, 100), step(2, 50, loss=9.0), RUNNING, step(2, 10), step(2, 60)
    )
    expected = pd.DataFrame({"epochs": [1.0, 1.1, 1.6], "loss": 1.0, "accuracy": 0.5})
    pd.testing.assert_frame_equal(events.read_progress(run).steps, expected)


def test_an_epoch_that_is_over_is_told_though_no_step_of_it_was(tmp_path: Path) -> None:
    row = example().history[2]
    found = events.read_progress(run_with(tmp_path, RUNNING, step(1, 50), EpochEnded(row=row)))
    assert (found.phase, found.epoch, found.done) == (row.phase, 3, 100)
    assert found.steps["epochs"].tolist() == [0.5]


def test_at_the_end_it_is_finishing(tmp_path: Path) -> None:
    found = events.read_progress(run_with(tmp_path, RUNNING, step(1, 100), Finishing()))
    assert (found.stage, found.phase) == ("finishing", None)


def test_a_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    run = run_with(tmp_path, RUNNING, step(1, 50))
    with run.file(EVENTS).open("a") as file:
        file.write('\n{"event": "st')
    assert events.read_progress(run).done == 50


def test_events_that_a_killed_process_left_half_written_do_not_hide_later_ones(
    tmp_path: Path,
) -> None:
    run = Run(tmp_path, example())
    assert list(events.read_events(run)) == []
    row = example().history[0]
    for event in (RUNNING, EpochEnded(row=row)):
        events.append_event(run, event)
    whole = [logged.event for logged in events.read_events(run)]
    assert whole == [RUNNING, EpochEnded(row=row)]
    with run.file(EVENTS).open("a") as file:
        file.write('\n{"time": 1.0, "event": {"event": "step", "do')
    assert [logged.event for logged in events.read_events(run)] == whole
    events.append_event(run, RUNNING)  # somebody has resumed it
    assert [logged.event for logged in events.read_events(run)] == [*whole, RUNNING]


def test_a_loss_that_is_no_number_is_an_event_as_any(tmp_path: Path) -> None:
    run = run_with(tmp_path, RUNNING, step(1, 50, loss=float("nan")))
    assert events.read_progress(run).steps["loss"].isna().tolist() == [True]
