"""What a finished run keeps so that its answers can be explained and questioned."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from imgcls._utils.arrays import FloatArray, Floats, RgbArray
from imgcls._utils.files import replacing
from imgcls.data import ood
from imgcls.data.dataset import Dataset
from imgcls.data.ood import LEFT_OUT
from imgcls.data.splits import shuffled
from imgcls.evaluation import metrics
from imgcls.evaluation.degenerate import collapsed, diverged, finite
from imgcls.evaluation.embedding import principal_components
from imgcls.evaluation.ood import fit_likeness
from imgcls.inference.likeness import Evidence, score
from imgcls.inference.neighbors import PHOTOS, Neighbors
from imgcls.inference.program import Program
from imgcls.inference.softmax import negative_energy, probabilities
from imgcls.networks.signature import FEATURE_MAPS, LOGITS
from imgcls.runs.files import (
    COMPONENTS,
    NEIGHBORS,
    OUT_OF_DISTRIBUTION,
    PREDICTED,
    PROGRAM,
    TRAINING_LOSSES,
)
from imgcls.runs.record import Likeness
from imgcls.runs.run import Run, write_table
from imgcls.training.engines.base import Engine
from imgcls.training.learner import Learner


@dataclass(frozen=True, eq=False)
class Compared:
    """The photos that are compared by their features: some training photos, all held-out ones.

    Attributes:
        neighbors: the training photos.
        splits: of all, the training photos first, then those of each of PREDICTED.
        pooled: the features of all, shape (photos, channels).
    """

    neighbors: Neighbors
    splits: "pd.Series[str]"
    pooled: FloatArray

    def evidence(self, split: str, outputs: FloatArray) -> Evidence:
        """Return what tells the photos of a split from others; `outputs` are their logits."""
        pooled = self.pooled[(self.splits == split).to_numpy()]
        return Evidence.of(negative_energy(finite(outputs)), pooled, self.neighbors)


def save_neighbors(run: Run, learner: Learner) -> Compared:
    """Write the features of some training photos, as many of each class.

    Args:
        run: the run.
        learner: the network that has learned, and its photos.

    Raises:
        OSError: the run cannot be written.
    """
    table = learner.dataset.table
    training = table[table["split"] == "train"]
    chosen: set[str] = set()
    for _, files in training.groupby("label")["file"]:
        chosen.update(shuffled(files)[: max(1, PHOTOS // len(run.class_names))])
    kept = training[training["file"].isin(chosen)]
    of_kept = learner.engine.pooled(kept.index.to_numpy())
    pooled = np.concatenate([of_kept, *map(learner.pooled, PREDICTED)])
    held_out = [table["split"].iloc[learner.rows[split]] for split in PREDICTED]
    found = Neighbors.of(kept["file"].to_numpy(np.str_), kept["label"].to_numpy(np.int64), of_kept)
    with replacing(run.file(NEIGHBORS)) as temporary:
        found.save(temporary)
    return Compared(found, pd.concat([kept["split"], *held_out]), pooled)


def likeness(
    engine: Engine, compared: Compared, outputs: Mapping[str, FloatArray]
) -> Likeness | None:
    """Return what tells photos like those trained on; None where features or logits tell nothing.

    Args:
        engine: the one that has trained the run.
        compared: as `save_neighbors` returns it.
        outputs: the logits of the held-out photos: split -> shape (n, classes).
    """
    if collapsed(compared.pooled) or diverged(np.concatenate(list(outputs.values()))):
        return None
    kept = compared.pooled[(compared.splits == "train").to_numpy()]
    energies = negative_energy(engine.logits(kept))
    return fit_likeness(
        Evidence.among(energies, compared.neighbors),
        compared.evidence("validation", outputs["validation"]),
    )


def predictions(
    run: Run, photos: pd.DataFrame, outputs: FloatArray, evidence: Evidence | None
) -> pd.DataFrame:
    """Return what the network says of photos, see `imgcls.runs.run.Run.predictions`.

    Args:
        run: the run.
        photos: file, split and label of each.
        outputs: their logits, shape (n, classes).
        evidence: as `Compared.evidence`; None where the score is the negative energy.
    """
    known, scores = _judged(run, outputs, evidence)
    return photos.assign(
        predicted=known.argmax(axis=1),
        score=scores,
        probabilities=list(known.astype(np.float32)),
    )


def save_components(run: Run, compared: Compared) -> str | None:
    """Write what the map of photos is made of, see `imgcls.evaluation.embedding`.

    Returns:
        Why there can be no map, or None when there can.

    Raises:
        OSError: the run cannot be written.
    """
    if why := collapsed(compared.pooled):
        return why
    table = pd.DataFrame(principal_components(compared.pooled)).rename(columns=str)
    write_table(run, COMPONENTS, table.assign(split=compared.splits.to_numpy()))
    return None


def save_ood_scores(run: Run, left_out: Dataset, neighbors: Neighbors) -> None:
    """Write what the run's program makes of pictures of none of its classes. Raises OSError."""
    program, size = Program(run.file(PROGRAM).read_bytes()), run.config.image_size

    def answers(kind: str, pictures: Iterable[Callable[[], RgbArray]]) -> pd.DataFrame:
        found = program.map(lambda call, read: call(read(), LOGITS, FEATURE_MAPS), pictures)
        logits, maps = (np.concatenate(each) for each in zip(*found, strict=True))
        energies = negative_energy(finite(logits))
        evidence = Evidence.of(energies, maps.mean(axis=(1, 2)), neighbors)
        return _answers(run, kind, logits, evidence)

    tables = []
    for kind in ood.KINDS:
        if kind != run.dataset:  # to a network that has learned them digits are in distribution
            pictures = ood.pictures(kind, size)
            tables.append(answers(kind, (partial(np.asarray, each) for each in pictures)))
    files = left_out.table["file"].tolist()
    if files:
        photos = (partial(left_out.read, file, size) for file in files)
        tables.append(answers(LEFT_OUT, photos).assign(file=files))
    write_table(run, OUT_OF_DISTRIBUTION, pd.concat(tables, ignore_index=True))


def save_training_losses(
    run: Run, table: pd.DataFrame, labels: "pd.Series[int]", logits: FloatArray
) -> None:
    """Write each training photo's true and given label, and the loss for the given one.

    Args:
        run: the run.
        table: of the training photos; `label` is the one given.
        labels: the true ones.
        logits: shape (n, classes), at the end of training.
    """
    losses = metrics.losses(logits, table["label"].to_numpy()).astype(np.float32)
    kept = table[["file"]].assign(label=labels, given_label=table["label"], loss=losses)
    write_table(run, TRAINING_LOSSES, kept)


def _answers(run: Run, kind: str, outputs: FloatArray, evidence: Evidence) -> pd.DataFrame:
    known, scores = _judged(run, outputs, evidence)
    return pd.DataFrame(
        {
            "kind": kind,
            "predicted": known.argmax(axis=1),
            "probability": known.max(axis=1),
            "score": scores,
        }
    )


def _judged(run: Run, outputs: FloatArray, evidence: Evidence | None) -> tuple[FloatArray, Floats]:
    """Return probabilities (n, classes) before calibration, and scores (n,)."""
    logits = finite(outputs)
    if evidence is None:
        return probabilities(logits), negative_energy(logits)
    return probabilities(logits), score(run.record.likeness, evidence)
