"""One process's work on one run: the training loop, its checkpoints, and what it leaves behind."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import keras
import msgspec
import numpy as np
import pandas as pd
import tensorflow as tf

from imgcls._utils.arrays import FloatArray, IntArray
from imgcls._utils.files import remove_leftovers, replacing
from imgcls._utils.processes import ProcessId
from imgcls.config import Phase
from imgcls.data.dataset import Dataset
from imgcls.data.splits import SPLITS
from imgcls.data.variants import divide, with_label_noise
from imgcls.evaluation import baselines, calibration, metrics
from imgcls.evaluation.degenerate import collapsed, diverged, finite
from imgcls.inference.softmax import negative_energy
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import BaseWeights
from imgcls.runs import checksums, events
from imgcls.runs.events import (
    EpochEnded,
    Event,
    FeaturesStep,
    Finishing,
    StatusChanged,
    TrainingStep,
)
from imgcls.runs.files import (
    CHECKPOINT,
    HEAD,
    MODEL,
    PHASE_1_MODEL,
    PHASE_1_PREDICTIONS,
    PREDICTED,
    PREDICTIONS,
)
from imgcls.runs.record import Epoch, Missing, Scores, Status, Timings
from imgcls.runs.run import Run, update, write_table
from imgcls.training import artifacts, checkpoint, programs
from imgcls.training.artifacts import Compared
from imgcls.training.checkpoint import Checkpoint
from imgcls.training.engines.base import Engine, Totals
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.engines.keras import PlainEngine
from imgcls.training.features import Features, FrozenBase, extract
from imgcls.training.head_start import start_head

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
    "threshold",
    "likeness",
    "temperature",
    "temperature_interval",
    "missing",
    "test",
    "baselines",
    "checksums",
)


ONE_LABEL = "All training photos were given the same label: there is nothing to compare."


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
        dataset, self._left_out = divide(dataset, run.config.left_out_classes)
        self._dataset = with_label_noise(dataset, run.config.label_noise)
        self._weights = weights
        self._frozen: Features | None = None
        self._on_event = on_event
        self._should_stop = should_stop
        self._last_line = 0.0
        self._last_checkpoint = 0.0
        split = dataset.table["split"]
        self._rows = {name: np.flatnonzero(split == name) for name in SPLITS}
        self._labels = dataset.table["label"].to_numpy()
        self._found: dict[str, FloatArray] = {}  # logits of a split, until training goes on

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
            self._build()
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

    def _build(self) -> None:
        tf.config.experimental.enable_op_determinism()
        weights = self._weights
        network, size = self._config.network, self._config.image_size
        base = build_base(size, weights, network) if weights else None
        # Building the base draws random numbers too; how many depends on where it comes from.
        keras.utils.set_random_seed(self._config.seed)
        self._model = build_model(self._config, len(self._dataset.classes), base)
        if self._config.engine == "plain" or weights is None:
            self._engine: Engine = PlainEngine(self._model, self._dataset, self._config)
            return
        started = time.monotonic()
        frozen = FrozenBase(base, weights, self._config)
        self._frozen = extract(frozen, self._dataset, self._on_features, self._config.views)
        self._change(features_from=self._frozen.backend)
        self._add_time("features", started)
        if self._config.head_start == "logistic":
            start_head(self._model, self._frozen, self._dataset, self._config)
        self._engine = CachedEngine(self._model, self._frozen, self._dataset, self._config)

    def _on_features(self, done: int, total: int) -> None:
        self._emit(FeaturesStep(done=done, total=total))
        if self._should_stop():
            raise _Stopped

    def _train(self, saved: Checkpoint | None) -> None:
        for phase in self._config.phases:
            if saved is not None and phase.number < saved.phase:
                continue
            self._engine.start_phase(phase)
            if saved is not None and phase.number == saved.phase:
                for variable, value in zip(self._engine.variables, saved.values, strict=True):
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
        rows = self._order(epoch)
        before = self._partial
        started = time.monotonic()

        def on_step(totals: Totals) -> bool:
            spent = time.monotonic() - started
            left = len(rows) - before.photos - totals.photos + (last - epoch) * len(rows)
            self._report_step(phase, epoch, before + totals, left * spent / totals.photos)
            return self._should_stop()

        self._found.clear()
        totals = before + self._engine.train(rows[before.photos :], on_step)
        if totals.photos < len(rows):
            self._partial = totals
            self._add_time(f"phase{phase.number}", started)
            self._save_checkpoint(phase)
            raise _Stopped
        self._partial = Totals()
        validation = self._scores("validation")
        row = Epoch(
            epoch=epoch,
            phase=phase.number,
            loss=totals.mean_loss,
            accuracy=totals.accuracy,
            val_loss=validation.loss,
            val_accuracy=validation.accuracy,
            seconds=time.monotonic() - started,
        )
        self._add_time(f"phase{phase.number}", started)
        self._change(history=(*self._run.record.history, row))
        self._emit(EpochEnded(row=row))

    def _report_step(self, phase: Phase, epoch: int, totals: Totals, seconds_left: float) -> None:
        self._emit(
            TrainingStep(
                phase=phase.number,
                epoch=epoch,
                done=totals.photos,
                total=len(self._rows["train"]),
                loss=totals.mean_loss,
                accuracy=totals.accuracy,
                seconds_left=seconds_left,
            )
        )

    def _order(self, epoch: int) -> IntArray:
        if self._frozen is not None:
            return self._frozen.order(self._config.seed, epoch)
        return np.random.default_rng([self._config.seed, epoch]).permutation(self._rows["train"])

    def _logits(self, split: str) -> FloatArray:
        if split not in self._found:
            self._found[split] = self._engine.predict(self._rows[split])
        return self._found[split]

    def _scores(self, split: str) -> Scores:
        return metrics.scores(self._logits(split), self._labels[self._rows[split]])

    def _save_checkpoint(self, phase: Phase) -> None:
        Checkpoint(
            phase.number,
            self._run.record.history,
            self._partial,
            self._run.record.timings,
            [variable.numpy() for variable in self._engine.variables],
        ).save(self._run.path)
        self._last_checkpoint = time.monotonic()

    def _save_model(self, name: str) -> None:
        with replacing(self._run.file(name)) as temporary:
            self._model.save(temporary)

    def _save_phase_one(self) -> None:
        started = time.monotonic()
        self._save_model(PHASE_1_MODEL)
        programs.save_phase_one(self._run, self._model)
        self._save_predictions(PHASE_1_PREDICTIONS)
        self._add_time("finishing", started)

    def _finish(self) -> None:
        self._emit(Finishing())
        started = time.monotonic()
        table = self._dataset.table
        compared = artifacts.save_neighbors(self._run, self._engine, table)
        held_out = {split: self._logits(split) for split in PREDICTED}
        validation = finite(held_out["validation"])
        labels = self._labels[self._rows["validation"]]
        temperature = calibration.fit_temperature(validation, labels)
        self._change(
            threshold=metrics.threshold(negative_energy(validation)),
            likeness=artifacts.likeness(self._engine, compared, held_out),
            temperature=temperature.value,
            temperature_interval=temperature.interval,
            test=self._scores("test"),
        )
        self._save_predictions(PREDICTIONS, compared)
        with ThreadPoolExecutor(1) as beside:
            # The map of photos takes as long as all the rest, and each leaves a core to the other.
            saving = beside.submit(artifacts.save_map, self._run, compared)
            self._save_model(MODEL)
            programs.save_program(self._run, self._model)
            self._save_artifacts(compared)
            no_map = saving.result()
        self._change(missing=self._missing(no_map), checksums=checksums.of(self._run))
        self._add_time("finishing", started)
        self._change(timings=self._run.record.timings.summed())
        self._set_status("finished")
        events.remove_progress(self._run)

    def _missing(self, no_map: str | None) -> tuple[Missing, ...]:
        """Return what a training that went wrong leaves without, and why."""
        held_out = np.concatenate([self._logits(split) for split in PREDICTED])
        no_baselines = None
        if self._frozen is not None and not self._run.record.baselines:
            learned = self._rows["train"]
            no_baselines = collapsed(self._frozen.pooled[learned]) or ONE_LABEL
        found = (("answers", diverged(held_out)), ("map", no_map), ("baselines", no_baselines))
        return tuple(Missing(what=what, why=why) for what, why in found if why)

    def _save_artifacts(self, compared: Compared) -> None:
        if self._frozen is not None:
            given = self._dataset.table["label"].to_numpy()
            found = baselines.evaluate(self._frozen.pooled, given, self._rows)
            self._change(baselines=found)
        programs.save_head(self._run, self._model, HEAD)
        artifacts.save_ood_scores(self._run, self._left_out, compared.neighbors)
        if self._config.label_noise:
            rows = self._rows["train"]
            table = self._dataset.table.iloc[rows]
            labels = pd.Series(self._labels[rows], index=table.index)
            logits = self._engine.predict(rows)
            artifacts.save_training_losses(self._run, table, labels, logits)

    def _save_predictions(self, name: str, compared: Compared | None = None) -> None:
        """Write what the network now says of the held-out photos."""
        tables = []
        for split in PREDICTED:
            rows = self._rows[split]
            files = self._dataset.table["file"].iloc[rows].to_numpy()
            photos = pd.DataFrame({"file": files, "split": split, "label": self._labels[rows]})
            alike = compared.similarities(split) if compared is not None else None
            tables.append(artifacts.predictions(self._run, photos, self._logits(split), alike))
        write_table(self._run, name, pd.concat(tables))

    def _add_time(self, part: str, started: float) -> None:
        spent = self._run.record.timings.plus(part, time.monotonic() - started)
        self._change(timings=spent)
