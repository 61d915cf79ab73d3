"""The answers of the command line: each function does one command and prints its result.

Each imports what it needs when it runs, so that predicting starts without TensorFlow. They return
whether all of the input could be answered.
"""

import json
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any

from imgcls.cli.progress import bar, training_bar
from imgcls.config import ConfigError, TrainConfig, preset, with_settings
from imgcls.paths import DIGITS, data_dir, models_dir

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset
    from imgcls.runs.run import Run


def data_status(options: Namespace) -> bool:
    """Say whether the dataset is there; the exit status says it too."""
    from imgcls.errors import DatasetError

    try:
        dataset = _open(options.data)
    except DatasetError as error:
        _answer(options, {"found": False, "reason": str(error)}, str(error))
        return False
    counts = {split: sum(of.values()) for split, of in dataset.counts().items()}
    found = {
        "found": True,
        "name": dataset.name,
        "root": str(dataset.root),
        "counts": counts,
        "unreadable": len(dataset.unreadable),
        "fingerprint": dataset.fingerprint,
    }
    photos = ", ".join(f"{count:,} {split}" for split, count in counts.items())
    _answer(options, found, f"{dataset.name} in {dataset.root}: {photos} photos")
    return True


def data_inspect(options: Namespace) -> bool:
    """Print the manifest's summary."""
    from imgcls.data.classes import PAPER_NAMES_NOTE
    from imgcls.data.dataset import inspect_dataset

    found = inspect_dataset(_open(options.data))
    lines = [f"{found['name']} in {found['root']}", ""]
    lines += _table(
        ["folder", "ImageNet", "paper", "train", "validation", "test"],
        [
            [entry["folder"], entry["imagenet_name"] or "", entry["paper_name"] or ""]
            + [f"{count:,}" for count in entry["counts"].values()]
            for entry in found["classes"]
        ],
    )
    if any(entry["paper_name"] for entry in found["classes"]):
        lines += ["", PAPER_NAMES_NOTE]
    sizes = [f"{side} {of['min']}-{of['max']}" for side, of in found["sizes"].items()]
    lines += ["", f"Sizes in pixels: {', '.join(sizes)}."]
    lines += [f"Unreadable, left out: {row['file']}: {row['error']}" for row in found["unreadable"]]
    _answer(options, found, "\n".join(lines))
    return True


def data_download(options: Namespace) -> bool:
    """Fetch Imagenette."""
    from imgcls.data.download import ARCHIVES, download

    target = options.data or data_dir()
    with bar("B") as show:
        folder = download(
            target,
            ARCHIVES[options.size],
            lambda phase, done, total: show(done, total, phase),
        )
    _answer(options, {"root": str(folder)}, f"Imagenette is in {folder}.")
    return True


def model(options: Namespace) -> bool:
    """Print the layers and the parameters of each phase."""
    from imgcls.networks.layers import describe

    config = _config(options)
    table = describe(config)
    lines = _table(
        ["", "layer", "type", "output", "parameters"],
        [
            [
                "" if row["base_index"] is None else str(row["base_index"]),
                row["name"],
                row["type"],
                " x ".join(map(str, row["output_shape"])),
                f"{row['params']:,}",
            ]
            for row in table["layers"]
        ],
    )
    lines += ["", f"Parameters: {table['total_params']:,}."]
    lines += [
        f"Phase {number}, {phase['name']}, {phase['epochs']} epochs at {phase['learning_rate']:g}: "
        f"{phase['trainable_params']:,} trainable, {phase['frozen_params']:,} frozen."
        for number, phase in enumerate(table["phases"], start=1)
    ]
    _answer(options, table, "\n".join(lines))
    return True


def train(options: Namespace) -> bool:
    """Train until the end, or until Ctrl-C or SIGTERM."""
    from imgcls.runs import store
    from imgcls.runs.run import valid_name
    from imgcls.training.train import train as train_run

    if options.name and not valid_name(options.name):
        raise ConfigError(f"name: received {options.name!r}; allowed: a line of up to 80 letters.")
    resume = store.find(models_dir(), options.resume) if options.resume else None
    stop = threading.Event()
    with _signals_set(stop), training_bar() as show:
        run = train_run(
            resume.config if resume else _config(options),
            _open(options.data or _location(resume)),
            models_dir(),
            preset=resume.record["preset"] if resume else options.preset,
            name=options.name,
            weights_file=options.weights,
            resume=resume,
            on_event=show,
            should_stop=stop.is_set,
        )
    _answer(options, _record(run), _results(run))
    if run.status == "stopped":
        print(f"Stopped. To go on: python -m imgcls train --resume {run.id}", file=sys.stderr)
    return run.status == "finished"


def list_runs(options: Namespace) -> bool:
    """Print the runs; a broken one is printed with the reason."""
    from imgcls.runs import store
    from imgcls.runs.run import Run

    found = store.list_runs(models_dir())
    records = [
        _record(run) if isinstance(run, Run) else {"id": run.id, "broken": run.reason}
        for run in found
    ]
    rows = [
        [run.id, run.status, run.dataset, _test(run)]
        if isinstance(run, Run)
        else [run.id, "broken", "", run.reason]
        for run in found
    ]
    empty = f"No runs in {models_dir()}. Train one with: python -m imgcls train --data digits"
    lines = _table(["run", "status", "dataset", "test"], rows) if rows else [empty]
    _answer(options, records, "\n".join(lines))
    return True


def predict(options: Namespace) -> bool:
    """Answer for photos."""
    from imgcls.cli.predict import predict as predict_photos

    return predict_photos(options)


def evaluate(options: Namespace) -> bool:
    """Recompute a run's figures from the photos."""
    from imgcls.evaluation.evaluate import evaluate as evaluate_run
    from imgcls.runs import store

    run = store.find(models_dir(), options.of)
    dataset = _open(options.data or _location(run))
    with bar(" photos") as show:
        found = evaluate_run(run, dataset, lambda done, total: show(done, total, "evaluating"))
    lines = _table(
        ["split", "loss", "accuracy", "photos"],
        [
            [split, f"{scores.loss:.4f}", f"{scores.accuracy:.4f}", f"{scores.n:,}"]
            for split, scores in found.items()
        ],
    )
    _answer(options, {split: of.to_dict() for split, of in found.items()}, "\n".join(lines))
    return True


def export(options: Namespace) -> bool:
    """Write a run's model in another format."""
    from imgcls.export.model import export as export_run
    from imgcls.runs import store

    run = store.find(models_dir(), options.of)
    export_run(run, options.format, options.out)
    print(f"{run.title} is in {options.out}.")
    return True


def bench(options: Namespace) -> bool:
    """Measure against plain Keras."""
    from benchmarks.__main__ import run_bench

    return run_bench(options)


def cache(options: Namespace) -> bool:
    """Show or clear the stored features."""
    from imgcls.training import feature_cache

    if options.clear:
        for path in feature_cache.sizes():
            feature_cache.remove(path)
    sizes = {str(path): size for path, size in feature_cache.sizes().items()}
    lines = [f"{path}: {size / 1e6:,.0f} MB" for path, size in sizes.items()]
    lines.append(f"{sum(sizes.values()) / 1e6:,.0f} MB of features are kept.")
    _answer(options, {"stores": sizes, "bytes": sum(sizes.values())}, "\n".join(lines))
    return True


def _location(run: "Run | None") -> str | None:
    """Return where the run's photos are when nobody says: digits are always there."""
    return DIGITS if run and run.dataset == DIGITS else None


def _config(options: Namespace) -> TrainConfig:
    return with_settings(preset(options.preset), options.settings)


def _open(location: str | Path | None) -> "Dataset":
    from imgcls.data.dataset import open_dataset

    with bar(" files") as show:
        return open_dataset(
            location, progress=lambda done, total: show(done, total, "reading the photos")
        )


@contextmanager
def _signals_set(stop: threading.Event) -> Iterator[None]:
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


def _record(run: "Run") -> dict[str, Any]:
    return {"id": run.id, **run.record, "status": run.status}


def _results(run: "Run") -> str:
    rows = [
        [str(row["epoch"]), str(row["phase"])]
        + [f"{row[key]:.4f}" for key in ("loss", "accuracy", "val_loss", "val_accuracy")]
        + [f"{row['seconds']:.1f}"]
        for row in run.record["history"]
    ]
    header = ["epoch", "phase", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"]
    return "\n".join(
        [f"{run.title} ({run.id}), {run.status}", "", *_table(header, rows), "", _test(run)]
    )


def _test(run: "Run") -> str:
    test = run.record["test"]
    if test is None:
        return "not tested yet"
    low, high = test["interval"]
    return (
        f"test accuracy {test['accuracy']:.4f} (95 % interval {low:.4f}-{high:.4f}), "
        f"loss {test['loss']:.4f}, {test['n']:,} photos"
    )


def _table(header: list[str], rows: list[list[str]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]


def _answer(options: Namespace, value: Any, text: str) -> None:
    print(json.dumps(value, indent=2) if options.json else text)
