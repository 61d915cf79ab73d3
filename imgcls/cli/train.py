"""The verb `train`: train, resume, or load what was trained before."""

import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

from imgcls.cli.arguments import (
    Verbs,
    add_data,
    add_json,
    add_recipe,
    add_verb,
    dataset_at,
    location_of,
    recipe,
)
from imgcls.cli.output import answer, record, table, test_result
from imgcls.cli.progress import training_bar
from imgcls.config import ConfigError, with_settings
from imgcls.paths import models_dir

if TYPE_CHECKING:
    from imgcls.runs.run import Run


def add(verbs: Verbs) -> None:
    """Add the verb."""
    train = add_verb(verbs, "train", run, "train, resume, or load what was trained before")
    add_recipe(train)
    add_data(train)
    train.add_argument("--name", help="a name for people")
    train.add_argument("--weights", type=Path, metavar="FILE", help="base weights (.h5)")
    train.add_argument(
        "--start-from", metavar="RUN", help="take the base as this finished run has fine-tuned it"
    )
    train.add_argument("--resume", metavar="RUN", help="continue this run with its own recipe")
    add_json(train)


def run(options: Namespace) -> bool:
    """Train until the end, or until Ctrl-C or SIGTERM."""
    from imgcls.data.inspection import remarks
    from imgcls.runs import store
    from imgcls.runs.provenance import resume_command
    from imgcls.runs.run import valid_name
    from imgcls.training.train import train

    resume = store.find(models_dir(), options.resume) if options.resume else None
    # What is wrong in the command itself is said first: reading the photos may take a minute.
    config = with_settings(resume.config, options.settings) if resume else recipe(options)
    if options.name and not valid_name(options.name):
        raise ConfigError(f"name: received {options.name!r}; allowed: a line of up to 80 letters.")
    dataset = dataset_at(options.data or location_of(resume))
    for remark in remarks(dataset):
        print(f"Mind: {remark.text}", file=sys.stderr)
    start_from = store.find(models_dir(), options.start_from) if options.start_from else None
    stop = threading.Event()
    with signals_set(stop), training_bar() as show:
        trained = train(
            config,
            dataset,
            models_dir(),
            preset=resume.record.preset if resume else options.preset,
            name=options.name,
            weights_file=options.weights,
            start_from=start_from,
            resume=resume,
            on_event=show,
            should_stop=stop.is_set,
        )
    answer(options, record(trained), _results(trained))
    if trained.status == "stopped":
        going_on = resume_command(trained, dataset, options.weights)
        print(f"Stopped. To go on: {going_on}", file=sys.stderr)
    return trained.status == "finished"


@contextmanager
def signals_set(stop: threading.Event) -> Iterator[None]:
    """Let the first Ctrl-C or SIGTERM set `stop`, and a second one end the process."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def on_signal(number: int, _frame: FrameType | None) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _results(run: "Run") -> str:
    rows = [
        [str(row.epoch), str(row.phase)]
        + [f"{share:.4f}" for share in (row.loss, row.accuracy, row.val_loss, row.val_accuracy)]
        + [f"{row.seconds:.1f}"]
        for row in run.record.history
    ]
    header = ["epoch", "phase", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    return "\n".join(
        [f"{run.title} ({run.id}), {run.status}", "", *table(header, rows), "", test_result(run)]
    )
