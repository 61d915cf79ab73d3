"""The command `bench`: measure, and print a table."""

import json
import sys
import time
from argparse import Namespace
from typing import Any

import msgspec

from benchmarks.prediction import bench_predict, bench_startup
from benchmarks.training import PRESET, bench_train
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.paths import models_dir
from imgcls.runs import provenance, store

# For people: label, the plain figure, ours, their ratio.
ROWS = {
    "train": (
        ("whole run, cold cache, s", "plain_seconds", "ours_seconds", "ratio"),
        ("whole run, warm cache, s", "plain_seconds", "warm_seconds", "warm_ratio"),
        (
            "phase 1, only the head changed, s",
            "phase1_plain_seconds",
            "phase1_head_changed_seconds",
            "phase1_head_changed_ratio",
        ),
        ("phase 2, s", "phase2_plain_seconds", "phase2_seconds", "phase2_ratio"),
        ("whole run, its arithmetic alone, s", None, "arithmetic_seconds", None),
        ("phase 2, its arithmetic alone, s", None, "phase2_arithmetic_seconds", None),
        ("cache on disk, MB", None, "cache_megabytes", None),
    ),
    "predict": (
        ("one photo, median, s", "plain_seconds", "ours_seconds", "ratio"),
        ("one photo, 95th percentile, s", "plain_p95_seconds", "ours_p95_seconds", None),
        (
            "photos a second",
            "plain_photos_per_second",
            "ours_photos_per_second",
            "folder_ratio",
        ),
    ),
    "startup": (
        ("process start to first answer, s", "plain_seconds", "ours_seconds", "ratio"),
        ("peak memory, MB", "plain_megabytes", "ours_megabytes", "memory_ratio"),
    ),
}


def run_bench(options: Namespace) -> bool:
    """Measure and print."""
    found = _measure(options)
    print(json.dumps(found, indent=2) if options.json else _table(found))
    return True


def _measure(options: Namespace) -> dict[str, Any]:
    found = _bench(options, open_dataset(options.data))
    return found | {
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


def _table(found: dict[str, Any]) -> str:
    machine = found["machine"]
    lines = [
        f"{machine['processor']}, {machine['cores']} cores, {machine['system']}; "
        f"TensorFlow {found['versions']['tensorflow']}, {found['date']}",
        "",
        "| | plain Keras | imgcls | times |",
        "| --- | ---: | ---: | ---: |",
    ]
    for part in found.get("sizes", [found]):
        photos = f"{part['photos']:,} photos, " if "photos" in part else ""
        for label, plain, ours, ratio in ROWS[found["bench"]]:
            before = f"{part[plain]:.4g}" if plain else ""
            times = f"{part[ratio]:.1f}" if ratio else ""
            lines.append(f"| {photos}{label} | {before} | {part[ours]:.4g} | {times} |")
    if "gflop_per_second" in found:
        speed = found["gflop_per_second"]
        lines += ["", f"Arithmetic alone: at the {speed:.0f} GFLOP/s of large matrix products."]
    return "\n".join(lines)
