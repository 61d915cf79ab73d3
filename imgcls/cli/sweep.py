"""The verb `sweep`: one recipe with several values of some settings."""

import shlex
import sys
import threading
from argparse import Namespace
from pathlib import Path
from typing import Any

from imgcls.cli.arguments import (
    Verbs,
    add_data,
    add_json,
    add_preset,
    add_ray,
    add_verb,
    dataset_at,
    joined,
)
from imgcls.cli.output import answer, record, table
from imgcls.cli.progress import training_bar
from imgcls.cli.train import signals_set
from imgcls.paths import models_dir
from imgcls.presets import preset


def add(verbs: Verbs) -> None:
    """Add the verb."""
    sweep = add_verb(verbs, "sweep", run, "train each combination of several settings")
    add_preset(sweep)
    sweep.add_argument(
        "--set",
        dest="settings",
        action="append",
        default=[],
        metavar="KEY=VALUE,VALUE",
        help="the values of a setting, such as seed=1,2,3; again for another setting",
    )
    add_data(sweep)
    sweep.add_argument("--weights", type=Path, metavar="FILE", help="base weights (.h5)")
    add_ray(sweep)
    add_json(sweep)


def run(options: Namespace) -> bool:
    """Train what is not trained yet, until the end, or until Ctrl-C or SIGTERM; print a table."""
    from tqdm import tqdm

    from imgcls.evaluation import sweeps
    from imgcls.training.sweep import grid, sweep

    configs = grid(preset(options.preset), options.settings)
    dataset = dataset_at(options.data)
    stop = threading.Event()

    def say(number: int, total: int, id: str) -> None:
        tqdm.write(f"run {number} of {total}: {id}", file=sys.stderr)

    with joined(options), signals_set(stop), training_bar() as show:
        asked, finished = sweep(
            configs,
            dataset,
            models_dir(),
            preset=options.preset,
            command=_command(options),
            weights_file=options.weights,
            on_run=say,
            on_event=show,
            should_stop=stop.is_set,
            on_cluster=options.ray is not None,
        )
    runs = sweeps.table(finished, asked.varied)
    rows = sweeps.over_seeds(runs)
    figures = rows.astype(object).where(rows.notna(), None).to_dict("records")
    told = {"id": asked.id, "settings": figures, "runs": [record(one) for one in finished]}
    lines = [f"Sweep {asked.id}: {len(finished)} of {len(asked.runs)} runs are finished"]
    if finished:
        lines += ["", *_figures(figures)]
    if len(finished) > 1:
        best, worst = sweeps.best_and_worst(runs)
        lines += ["", f"By validation accuracy the best is {best}, the worst {worst}."]
    answer(options, told, "\n".join(lines))
    whole = len(finished) == len(asked.runs)
    if not whole:
        print(f"Stopped. To go on: {asked.command}", file=sys.stderr)
    return whole


def _figures(rows: list[dict[Any, Any]]) -> list[str]:
    def told(row: dict[Any, Any], name: str) -> str:
        return "-" if row[name] is None else f"{row[name]:.4f}"

    names = ["val_mean", "val_sd", "test_mean", "test_sd", "test_low", "test_high"]
    return table(
        ["setting", "runs", *names],
        [[row["setting"], str(row["runs"]), *(told(row, name) for name in names)] for row in rows],
    )


def _command(options: Namespace) -> str:
    words = ["python", "-m", "imgcls", "sweep", "--preset", options.preset]
    for name, value in (("--data", options.data), ("--weights", options.weights)):
        words += [name, str(value)] if value else []
    words += [word for text in options.settings for word in ("--set", text)]
    words += [] if options.ray is None else ["--ray", *options.ray.split()]
    return shlex.join(words)
