"""A run's figures once more, from the photos."""

from collections.abc import Callable

import numpy as np

from imgcls.data.dataset import Dataset
from imgcls.data.variants import divide
from imgcls.evaluation.metrics import scores
from imgcls.inference.predictor import Predictor
from imgcls.runs.record import Scores
from imgcls.runs.run import Run, RunError


def evaluate(
    run: Run, dataset: Dataset, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Scores]:
    """Return loss and accuracy on the validation and the test photos.

    Args:
        run: a finished run.
        dataset: the photos it was trained on.
        on_progress: called with (photos done, photos in all).

    Raises:
        RunError: the run cannot predict, or `dataset` is not the one it was trained on.
        ImageError: a photo has become unreadable.
    """
    if dataset.fingerprint != run.fingerprint:
        raise RunError(
            f"{run.id} was trained on other photos ({run.dataset}) than those in "
            f"{dataset.root}: give the folder it was trained on with --data."
        )
    dataset, _ = divide(dataset, run.config.left_out_classes)
    predictor = Predictor(run)
    splits = {name: dataset.split(name) for name in ("validation", "test")}
    total = sum(len(table) for table in splits.values())
    done = 0
    result = {}
    for name, table in splits.items():
        found = []
        for logits in predictor.logits([dataset.path(file) for file in table["file"]]):
            found.append(logits)
            done += 1
            on_progress(done, total)
        result[name] = scores(np.array(found), table["label"].to_numpy())
    return result
