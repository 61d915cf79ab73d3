"""What a finished run keeps so that its answers can be explained and questioned."""

import numpy as np
import pandas as pd

from imgcls._utils.arrays import FloatArray
from imgcls._utils.files import replacing
from imgcls.data import ood
from imgcls.data.dataset import Dataset
from imgcls.data.ood import LEFT_OUT
from imgcls.data.splits import shuffled
from imgcls.evaluation import metrics
from imgcls.evaluation.degenerate import collapsed, finite
from imgcls.evaluation.projection import embed
from imgcls.inference.neighbors import PHOTOS, Neighbors
from imgcls.inference.program import Program
from imgcls.inference.softmax import negative_energy, probabilities
from imgcls.networks.signature import LOGITS
from imgcls.runs.files import (
    EMBEDDING,
    NEIGHBORS,
    OUT_OF_DISTRIBUTION,
    PREDICTED,
    PROGRAM,
    TRAINING_LOSSES,
)
from imgcls.runs.run import Run, write_table
from imgcls.training.engines.base import Engine


def save_neighbors(run: Run, engine: Engine, table: pd.DataFrame) -> str | None:
    """Write the features of some training photos, as many of each class, and the map of photos.

    The map (see `imgcls.runs.run.Run.embedding`) is of these and of all held-out photos.

    Args:
        run: the run.
        engine: the one that has trained it.
        table: of the photos, as `imgcls.data.dataset.Dataset.table`.

    Returns:
        Why there can be no map, or None when there is one.

    Raises:
        OSError: the run cannot be written.
    """
    training = table[table["split"] == "train"]
    chosen: set[str] = set()
    for _, files in training.groupby("label")["file"]:
        chosen.update(shuffled(files)[: max(1, PHOTOS // len(run.class_names))])
    kept = training[training["file"].isin(chosen)]
    held_out = [table[table["split"] == split] for split in PREDICTED]
    photos = pd.concat([kept, *held_out])
    pooled = engine.pooled(photos.index.to_numpy())
    found = Neighbors.of(
        kept["file"].to_numpy(np.str_), kept["label"].to_numpy(np.int64), pooled[: len(kept)]
    )
    with replacing(run.file(NEIGHBORS)) as temporary:
        found.save(temporary)
    if why := collapsed(pooled):
        return why
    write_table(run, EMBEDDING, embed(pooled).assign(split=photos["split"].to_numpy()))
    return None


def save_ood_scores(run: Run, left_out: Dataset) -> None:
    """Write what the run's program makes of pictures of none of its classes. Raises OSError."""
    program, size = Program(run.file(PROGRAM).read_bytes()), run.config.image_size
    tables = []
    for kind in ood.KINDS:
        if kind != run.dataset:  # to a network that has learned them digits are in distribution
            pictures = ood.pictures(kind, size)
            found = program.map(lambda call, picture: call(picture, LOGITS)[0], pictures)
            tables.append(_answers(kind, np.concatenate(list(found))))
    files = left_out.table["file"].tolist()
    if files:
        found = program.map(lambda call, file: call(left_out.read(file, size), LOGITS)[0], files)
        tables.append(_answers(LEFT_OUT, np.concatenate(list(found))).assign(file=files))
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


def _answers(kind: str, outputs: FloatArray) -> pd.DataFrame:
    logits = finite(outputs)
    known = probabilities(logits)
    return pd.DataFrame(
        {
            "kind": kind,
            "predicted": known.argmax(axis=1),
            "probability": known.max(axis=1),
            "score": negative_energy(logits),
        }
    )
