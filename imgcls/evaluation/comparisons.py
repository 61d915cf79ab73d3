"""Runs side by side: what differs in how they were made, and how they ended."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import pandas as pd

from imgcls.runs import origin
from imgcls.runs.run import Run


def labels(chosen: Sequence[Run]) -> list[str]:
    """Return what the runs are called, with the photos or the id where two are called the same.

    Names are unique, but a folder that was copied from elsewhere may bring one that is taken, and
    the same recipe may have been trained on other photos.
    """
    titles = [run.title for run in chosen]
    ways: tuple[Callable[[Run], str], ...] = (
        lambda run: run.dataset_title,
        lambda run: run.id,
    )
    for more in ways:
        told = defaultdict(set)
        for title, run in zip(titles, chosen, strict=True):
            told[title].add(more(run))
        titles = [
            f"{title} ({more(run)})" if len(told[title]) > 1 else title
            for title, run in zip(titles, chosen, strict=True)
        ]
    return titles


def differences(chosen: Sequence[Run]) -> pd.DataFrame:
    """Return in what the recipes, the photos and the base weights differ.

    Args:
        chosen: runs.

    Returns:
        One row a setting that is not the same in all of them, one column a run (see `labels`), as
        text.
    """
    table = pd.DataFrame(dict(zip(labels(chosen), map(_made_from, chosen), strict=True)))
    return table[table.nunique(axis=1) > 1].rename_axis("setting")


def figures(chosen: Sequence[Run]) -> pd.DataFrame:
    """Return how the runs ended, one row each.

    Returns:
        `run` (see `labels`), `starred`, `status`, `epochs`, `val_accuracy` and `val_loss` after the
        last one, `test_accuracy` with its 95 % interval `test_low` to `test_high`, `test_loss`,
        `test_n` photos, `seconds` in all. What is not there yet is missing.
    """
    table = pd.DataFrame([_figures(run) for run in chosen])
    table.insert(0, "run", labels(chosen))
    return table


def _made_from(run: Run) -> dict[str, str]:
    settings = {key: str(value) for key, value in run.config.to_dict().items()}
    photos = {"photos": f"{run.dataset_title}, fingerprint {run.fingerprint[:12]}"}
    return {**photos, "base weights": origin.base_weights(run), **settings}


def _figures(run: Run) -> dict[str, object]:
    test = run.record.test
    low, high = test.interval if test else (None, None)
    last = run.history.iloc[-1].to_dict() if len(run.history) else {}
    return {
        "starred": run.starred,
        "status": run.status,
        "epochs": len(run.history),
        "val_accuracy": last.get("val_accuracy"),
        "val_loss": last.get("val_loss"),
        "test_accuracy": test.accuracy if test else None,
        "test_low": low,
        "test_high": high,
        "test_loss": test.loss if test else None,
        "test_n": test.n if test else None,
        "seconds": run.record.timings.total or None,
    }
