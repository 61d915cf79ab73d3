"""The command `bench`: measure, and print a table."""

import json
import sys
import time
from argparse import Namespace
from typing import Any

import msgspec

from benchmarks.prediction import bench_predict, bench_startup
from benchmarks.tables import machine, table
from benchmarks.training import PRESET, bench_train
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.paths import models_dir
from imgcls.runs import provenance, store


def run_bench(options: Namespace) -> bool:
    """Measure and print."""
    found = _measure(options)
    print(json.dumps(found, indent=2) if options.json else f"{machine(found)}\n\n{table(found)}")
    return True


def _measure(options: Namespace) -> dict[str, Any]:
    found = _bench(options, open_dataset(options.data))
    return found | {
        "repeats": options.repeats,
        "machine": msgspec.to_builtins(provenance.machine()),
        "versions": provenance.versions(),
        "date": time.strftime("%Y-%m-%d"),
    }


def _bench(options: Namespace, dataset: Dataset) -> dict[str, Any]:
    if options.what == "train":
        return bench_train(dataset, options.repeats, _report)
    models = models_dir()
    run = store.find(models, options.by) if options.by else store.default(models, preset=PRESET)
    photos = [dataset.path(file) for file in dataset.split("test")["file"]]
    if options.what == "predict":
        return bench_predict(run, photos, options.repeats, _report)
    return bench_startup(run, photos[0], options.repeats, _report)


def _report(line: str) -> None:
    print(line, file=sys.stderr)
