"""One process's work on one run: the training loop, its checkpoints, and its events."""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from imgcls._utils.files import remove_leftovers
from imgcls._utils.processes import ProcessId
from imgcls.config import Phase
from imgcls.data.dataset import Dataset
from imgcls.networks.weights import BaseWeights
from imgcls.runs import events
from imgcls.runs.events import (
    EpochEnded,
    Event,
    FeaturesStep,
    Finishing,
    StatusChanged,
    TrainingStep,
)
from imgcls.runs.files import CHECKPOINT
from imgcls.runs.record import Epoch, Status, Timings
from imgcls.runs.run import Run, update
from imgcls.training import checkpoint, results
from imgcls.training.checkpoint import Checkpoint
from imgcls.training.engines.base import Totals
from imgcls.training.learner import Learner, build

SECONDS_BETWEEN_LINES = 0.25  # of steps in the event file; readers poll it about as often
# Epochs over a few photos take less time than writing a checkpoint. A killed process loses so much.
SECONDS_BETWEEN_CHECKPOINTS = 5.0
# What training says in the record; the rest is its owner's, who may change it meanwhile.
OURS = (
    "status",
    "process",
    "error",
    "history",
    "timings",
    "features_from",
    "product_type",
    "threshold",
    "likeness",
    "temperature",
    "temperature_interval",
    "missing",
    "test",
    "baselines",
    "checksums",
)


class _Stopped(Exception):  # noqa: N818  not an error: somebody asked for it
    """Training was asked to stop."""


class Trainer:
    """Trains `run` from its last checkpoint to the end.

    Events go to `on_event` and, steps at most four times a second, to the run's event file.
    """

    def __init__(
        self,
        run: Run,
        dataset: Dataset,
        weights: BaseWeights | None,
        on_event: Callable[[Event], None],
        should_stop: Callable[[], bool],
    ) -> None:
        self._run = run
        self._config = run.config
        self._dataset = dataset
        self._weights = weights
        self._on_event = on_event
        self._should_stop = should_stop
        self._last_line = 0.0
        self._last_checkpoint = 0.0

    def run_to_the_end(self) -> Run:
        """Train and write the results, or stop when `should_stop` says so.

        Returns:
            The run; its status is finished or stopped.
        """
        self._set_status("running")
        try:
            remove_leftovers(self._run.path)
            remove_leftovers(self._run.file(CHECKPOINT))
            saved = checkpoint.load_checkpoint(self._run.path)
            self._change(
                history=saved.history if saved else (),
                timings=saved.timings if saved else Timings(),
            )
            self._partial = saved.partial if saved else Totals()
            self._learner = self._build()
            self._train(saved)
            self._finish()
        except _Stopped:
            self._set_status("stopped")
        except Exception as error:
            self._set_status("failed", error=f"{type(error).__name__}: {error}")
            raise
        return self._run

    def _change(self, **changes: Any) -> None:
        record = msgspec.structs.replace(self._run.record, **changes)
        self._run = Run(self._run.path, record)

    def _save_record(self) -> None:
        record = self._run.record
        self._run = update(self._run, **{name: getattr(record, name) for name in OURS})

    def _set_status(self, status: Status, error: str | None = None) -> None:
        process = ProcessId.of() if status == "running" else None
        self._change(status=status, process=process, error=error)
        self._save_record()
        self._emit(StatusChanged(status=status))

    def _emit(self, event: Event) -> None:
        self._on_event(event)
        now = time.monotonic()
        passing = isinstance(event, TrainingStep | FeaturesStep)
        if not passing or now - self._last_line >= SECONDS_BETWEEN_LINES:
            self._last_line = now
            events.append_event(self._run, event)

    def _build(self) -> Learner:
        learner = build(self._config, self._dataset, self._weights, self._on_features)
        if learner.frozen is not None:
            self._change(features_from=learner.frozen.backend)
            self._add_time("features", learner.frozen.seconds)
        return learner

    def _on_features(self, done: int, total: int) -> None:
        self._emit(FeaturesStep(done=done, total=total))
        if self._should_stop():
            raise _Stopped

    def _train(self, saved: Checkpoint | None) -> None:
        for phase in self._config.phases:
            if saved is not None and phase.number < saved.phase:
                continue
            self._learner.engine.start_phase(phase)
            self._change(product_type=self._learner.engine.product_type)
            if saved is not None and phase.number == saved.phase:
                for variable, value in zip(
                    self._learner.engine.variables, saved.values, strict=True
                ):
                    variable.assign(value)
            self._train_phase(phase)
            if phase.number < len(self._config.phases):
                self._save_phase_one()

    def _train_phase(self, phase: Phase) -> None:
        last = sum(earlier.epochs for earlier in self._config.phases[: phase.number])
        while len(self._run.record.history) < last:
            if self._should_stop():
                self._save_checkpoint(phase)
                raise _Stopped
            self._train_epoch(phase, last)
            over = len(self._run.record.history) == last
            waited = time.monotonic() - self._last_checkpoint
            if over or waited >= SECONDS_BETWEEN_CHECKPOINTS:
                self._save_checkpoint(phase)
            self._save_record()

    def _train_epoch(self, phase: Phase, last: int) -> None:
        epoch = len(self._run.record.history) + 1
        rows = self._learner.order(epoch)
        before = self._partial
        started = time.monotonic()

        def on_step(totals: Totals) -> bool:
            spent = time.monotonic() - started
            left = len(rows) - before.photos - totals.photos + (last - epoch) * len(rows)
            self._report_step(phase, epoch, before + totals, left * spent / totals.photos)
            return self._should_stop()

        self._learner.forget()
        totals = before + self._learner.engine.train(rows[before.photos :], on_step)
        if totals.photos < len(rows):
            self._partial = totals
            self._add_time(f"phase{phase.number}", time.monotonic() - started)
            self._save_checkpoint(phase)
            raise _Stopped
        self._partial = Totals()
        validation = self._learner.scores("validation")
        row = Epoch(
            epoch=epoch,
            phase=phase.number,
            loss=totals.mean_loss,
            accuracy=totals.accuracy,
            val_loss=validation.loss,
            val_accuracy=validation.accuracy,
            seconds=time.monotonic() - started,
        )
        self._add_time(f"phase{phase.number}", time.monotonic() - started)
        self._change(history=(*self._run.record.history, row))
        self._emit(EpochEnded(row=row))

    def _report_step(self, phase: Phase, epoch: int, totals: Totals, seconds_left: float) -> None:
        self._emit(
            TrainingStep(
                phase=phase.number,
                epoch=epoch,
                done=totals.photos,
                total=len(self._learner.rows["train"]),
                loss=totals.mean_loss,
                accuracy=totals.accuracy,
                seconds_left=seconds_left,
            )
        )

    def _save_checkpoint(self, phase: Phase) -> None:
        Checkpoint(
            phase.number,
            self._run.record.history,
            self._partial,
            self._run.record.timings,
            [variable.numpy() for variable in self._learner.engine.variables],
        ).save(self._run.path)
        self._last_checkpoint = time.monotonic()

    def _save_phase_one(self) -> None:
        started = time.monotonic()
        results.save_phase_one(self._run, self._learner)
        self._add_time("finishing", time.monotonic() - started)

    def _finish(self) -> None:
        self._emit(Finishing())
        started = time.monotonic()
        self._run = results.save(self._run, self._learner)
        self._add_time("finishing", time.monotonic() - started)
        self._change(timings=self._run.record.timings.summed())
        self._set_status("finished")
        events.remove_progress(self._run)

    def _add_time(self, part: str, seconds: float) -> None:
        self._change(timings=self._run.record.timings.plus(part, seconds))
