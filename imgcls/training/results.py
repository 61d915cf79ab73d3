"""What a training leaves behind: models, programs, answers and figures."""

from typing import Any

import msgspec
import numpy as np
import pandas as pd

from imgcls._utils.files import replacing
from imgcls.evaluation import baselines, calibration, metrics
from imgcls.evaluation.degenerate import collapsed, diverged, finite
from imgcls.inference.softmax import negative_energy
from imgcls.runs import checksums
from imgcls.runs.files import (
    HEAD,
    MODEL,
    PHASE_1_MODEL,
    PHASE_1_PREDICTIONS,
    PREDICTED,
    PREDICTIONS,
)
from imgcls.runs.record import Missing
from imgcls.runs.run import Run, write_table
from imgcls.training import artifacts, programs
from imgcls.training.artifacts import Compared
from imgcls.training.learner import Learner

ONE_LABEL = "All training photos were given the same label: there is nothing to compare."


def save_phase_one(run: Run, learner: Learner) -> None:
    """Write the network as phase 1 leaves it, and its answers. Raises OSError."""
    _save_model(run, learner, PHASE_1_MODEL)
    programs.save_phase_one(run, learner.model)
    _save_predictions(run, learner, PHASE_1_PREDICTIONS)


def save(run: Run, learner: Learner) -> Run:
    """Write all that is kept of a network that has learned.

    Returns:
        The run with what its record is to say of it; the record is not written.

    Raises:
        OSError: the run cannot be written.
    """
    compared = artifacts.save_neighbors(run, learner)
    run = _judged(run, learner, compared)
    _save_predictions(run, learner, PREDICTIONS, compared)
    no_map = artifacts.save_components(run, compared)
    _save_model(run, learner, MODEL)
    programs.save_program(run, learner.model)
    run = _with_baselines(run, learner)
    programs.save_head(run, learner.model, HEAD)
    artifacts.save_ood_scores(run, learner.left_out, compared.neighbors)
    if run.config.label_noise:
        _save_training_losses(run, learner)
    return _with(run, missing=_missing(run, learner, no_map), checksums=checksums.of(run))


def _with(run: Run, **changes: Any) -> Run:
    return Run(run.path, msgspec.structs.replace(run.record, **changes))


def _judged(run: Run, learner: Learner, compared: Compared) -> Run:
    """Return the run with its accuracy, and with what says how far an answer can be trusted."""
    held_out = {split: learner.logits(split) for split in PREDICTED}
    validation = finite(held_out["validation"])
    labels = learner.labels[learner.rows["validation"]]
    temperature = calibration.fit_temperature(validation, labels)
    return _with(
        run,
        threshold=metrics.threshold(negative_energy(validation)),
        likeness=artifacts.likeness(learner.engine, compared, held_out),
        temperature=temperature.value,
        temperature_interval=temperature.interval,
        test=learner.scores("test"),
    )


def _with_baselines(run: Run, learner: Learner) -> Run:
    if learner.frozen is None:
        return run
    given = learner.dataset.table["label"].to_numpy()
    return _with(run, baselines=baselines.evaluate(learner.frozen.pooled, given, learner.rows))


def _missing(run: Run, learner: Learner, no_map: str | None) -> tuple[Missing, ...]:
    """Return what a training that went wrong leaves without, and why."""
    held_out = np.concatenate([learner.logits(split) for split in PREDICTED])
    no_baselines = None
    if learner.frozen is not None and not run.record.baselines:
        no_baselines = collapsed(learner.frozen.pooled[learner.rows["train"]]) or ONE_LABEL
    found = (("answers", diverged(held_out)), ("map", no_map), ("baselines", no_baselines))
    return tuple(Missing(what=what, why=why) for what, why in found if why)


def _save_training_losses(run: Run, learner: Learner) -> None:
    rows = learner.rows["train"]
    table = learner.dataset.table.iloc[rows]
    labels = pd.Series(learner.labels[rows], index=table.index)
    artifacts.save_training_losses(run, table, labels, learner.logits("train"))


def _save_model(run: Run, learner: Learner, name: str) -> None:
    with replacing(run.file(name)) as temporary:
        learner.model.save(temporary)


def _save_predictions(
    run: Run, learner: Learner, name: str, compared: Compared | None = None
) -> None:
    """Write what the network now says of the held-out photos."""
    tables = []
    for split in PREDICTED:
        rows = learner.rows[split]
        files = learner.dataset.table["file"].iloc[rows].to_numpy()
        photos = pd.DataFrame({"file": files, "split": split, "label": learner.labels[rows]})
        logits = learner.logits(split)
        evidence = compared.evidence(split, logits) if compared is not None else None
        tables.append(artifacts.predictions(run, photos, logits, evidence))
    write_table(run, name, pd.concat(tables))
