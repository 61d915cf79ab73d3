"""Sweeps: what each setting reaches, as mean and spread over the seeds."""

from collections.abc import Iterable, Sequence

import pandas as pd

from imgcls.runs.run import Run

SEED = "seed"


def table(runs: Sequence[Run], varied: Iterable[str]) -> pd.DataFrame:
    """Return one row a run.

    Args:
        runs: finished ones.
        varied: names of the settings in which they differ.

    Returns:
        `run` (id), these settings, `setting` (all but the seed as text), `val_accuracy` after the
        last epoch, `test_accuracy` and `test_n` photos.
    """
    names = list(varied)
    rows = []
    for run in runs:
        settings = {name: getattr(run.config, name) for name in names}
        told = ", ".join(f"{name}={value}" for name, value in settings.items() if name != SEED)
        rows.append(
            {
                "run": run.id,
                **settings,
                "setting": told or "one recipe",
                "val_accuracy": run.record.history[-1].val_accuracy,
                "test_accuracy": run.test.accuracy,
                "test_n": run.test.n,
            }
        )
    figures = ["setting", "val_accuracy", "test_accuracy", "test_n"]
    return pd.DataFrame(rows, columns=["run", *names, *figures])


def over_seeds(runs: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each setting, in the order of the runs.

    Args:
        runs: as `table`.

    Returns:
        `setting`, number of `runs`, mean and standard deviation of the accuracy on the validation
        photos (`val_mean`, `val_sd`) and on the test photos (`test_mean`, `test_sd`), the latter's
        lowest and highest (`test_low`, `test_high`). Of a single run the deviation is missing.
    """
    grouped = runs.groupby("setting", sort=False)
    return grouped.agg(
        runs=("val_accuracy", "size"),
        val_mean=("val_accuracy", "mean"),
        val_sd=("val_accuracy", "std"),
        test_mean=("test_accuracy", "mean"),
        test_sd=("test_accuracy", "std"),
        test_low=("test_accuracy", "min"),
        test_high=("test_accuracy", "max"),
    ).reset_index()


def best_and_worst(runs: pd.DataFrame) -> tuple[str, str]:
    """Return the ids of the runs with the highest and the lowest accuracy on validation photos.

    Not on test photos: whoever chooses by those has none left that say how good the choice is.

    Args:
        runs: as `table`, one at least.
    """
    ordered = runs.sort_values("val_accuracy", kind="stable", ascending=False)["run"]
    return ordered.iloc[0], ordered.iloc[-1]
