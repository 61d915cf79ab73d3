"""A run's raw tables, as they are given away: readable without this program."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from imgcls.evaluation import metrics
from imgcls.runs.files import PHASE_1_PREDICTIONS, TRAINING_LOSSES
from imgcls.runs.run import Run


def tables(run: Run) -> dict[str, Callable[[], pd.DataFrame]]:
    """Return the tables that a finished run has: name -> what makes it.

    The last raises RunError when the run's file is damaged.
    """
    found: dict[str, Callable[[], pd.DataFrame]] = {
        "epochs": lambda: run.history,
        "predictions": lambda: _named(run, run.predictions()),
        "classes": lambda: _classes(run),
    }
    if run.file(PHASE_1_PREDICTIONS).is_file():
        found["predictions after phase 1"] = lambda: _named(run, run.predictions_of_phase_1())
    if run.file(TRAINING_LOSSES).is_file():
        found["training labels"] = lambda: _training_labels(run)
    return found


def _named(run: Run, predictions: pd.DataFrame) -> pd.DataFrame:
    """Return predictions with names instead of labels, and a column for each class."""
    names = run.class_names
    shares = np.stack(predictions["probabilities"].to_list())
    each = pd.DataFrame(shares, columns=[f"probability {name}" for name in names])
    named = predictions.drop(columns="probabilities").reset_index(drop=True)
    for column in ("label", "predicted"):
        named[column] = named[column].map(dict(enumerate(names)))
    return pd.concat([named, each], axis=1)


def _classes(run: Run) -> pd.DataFrame:
    test = run.predictions().query("split == 'test'")
    labels, predicted = test["label"].to_numpy(), test["predicted"].to_numpy()
    table = metrics.per_class(labels, predicted, run.class_names)
    return table.join(metrics.confusion(labels, predicted, run.class_names)).reset_index()


def _training_labels(run: Run) -> pd.DataFrame:
    table = run.training_losses()
    names = dict(enumerate(run.class_names))
    return table.assign(
        label=table["label"].map(names), given_label=table["given_label"].map(names)
    )
