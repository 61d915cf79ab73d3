"""Ablations: classic mistakes beside the run that avoids them, from what the runs stored."""

from pathlib import Path

import pandas as pd

from imgcls.presets import ABLATIONS
from imgcls.runs import store
from imgcls.runs.files import TRAINING_LOSSES
from imgcls.runs.run import Run
from imgcls.runs.store import newest_on

REFERENCE = "paper"
COLUMNS = (
    "run",
    "what",
    "train_accuracy_1",
    "train_accuracy_2",
    "val_accuracy",
    "val_loss",
    "test_accuracy",
    "test_low",
    "test_high",
    "test_n",
)


def table(models: Path, fingerprint: str) -> pd.DataFrame:
    """Return the finished runs of `paper` and its mistakes on the same photos, a row each.

    Args:
        models: folder of runs.
        fingerprint: of the dataset.

    Returns:
        The columns COLUMNS: run (id), what (was done wrong; empty for the reference), training
        accuracy at the end of phase 1 and of the first epoch of phase 2, validation accuracy and
        loss at the end, test accuracy with the ends of its 95 % interval and number of photos.
    """
    presets = {REFERENCE: "", **{name: what for name, (_, what) in ABLATIONS.items()}}
    known = newest_on(models, fingerprint)
    rows = [
        (known[preset].id, what, *_figures(known[preset]))
        for preset, what in presets.items()
        if preset in known
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS))


def noisy_runs(models: Path, fingerprint: str) -> list[Run]:
    """Return the finished runs on these photos with wrong labels, those with the fewest first.

    Of several with as many the newest; only those that kept each training photo's loss.
    """
    found: dict[int, Run] = {}
    for run in store.readable(models):
        noise = run.config.label_noise
        same = run.fingerprint == fingerprint and run.status == "finished"
        if same and noise and run.file(TRAINING_LOSSES).is_file():
            found.setdefault(noise, run)
    return [run for _, run in sorted(found.items())]


def _figures(run: Run) -> tuple[float, ...]:
    history, test = run.history, run.test
    phases = history.groupby("phase")["accuracy"]
    last = history.iloc[-1]
    return (
        phases.last()[1],
        phases.first()[2],
        last["val_accuracy"],
        last["val_loss"],
        test.accuracy,
        *test.interval,
        test.n,
    )
