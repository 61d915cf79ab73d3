"""The command `bench`: measure, and print a table."""

import json
import sys
from argparse import Namespace
from typing import Any

from imgcls import bench, runs
from imgcls.datasets import open_dataset
from imgcls.paths import models_dir

# For people: label, the plain figure, ours, their ratio.
ROWS = {
    "train": (
        ("whole run, cold cache", "plain_seconds", "ours_seconds", "ratio"),
        ("whole run, warm cache", "plain_seconds", "warm_seconds", "warm_ratio"),
        (
            "phase 1, only the head changed",
            "phase1_plain_seconds",
            "phase1_head_changed_seconds",
            "phase1_head_changed_ratio",
        ),
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
    dataset = open_dataset(options.data)
    if options.what == "train":
        return bench.bench_train(dataset, options.repeats, _report)
    run = runs.find(models_dir(), options.by) if options.by else runs.default(models_dir())
    photos = [dataset.path(file) for file in dataset.split("test")["file"]]
    if options.what == "predict":
        return bench.bench_predict(run, photos, _report)
    return bench.bench_startup(run, photos[0], options.repeats, _report)


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
            times = f"{part[ratio]:.1f}" if ratio else ""
            lines.append(f"| {photos}{label} | {part[plain]:.4g} | {part[ours]:.4g} | {times} |")
    return "\n".join(lines)
