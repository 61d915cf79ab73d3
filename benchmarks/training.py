"""How much faster training is than plain Keras, and how near to what the processor can do."""

import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.tables import summary
from imgcls.config import TrainConfig, with_settings
from imgcls.data.dataset import Dataset
from imgcls.networks.layers import cut_index, multiply_adds
from imgcls.presets import PRESETS
from imgcls.training.train import train

SIZES = (1_000, 4_000)  # photos, before the whole dataset
PRESET = "paper"
# What is timed, in this order: name, settings. All but the first use the same cache.
KINDS = (
    ("plain", ("engine=plain",)),
    ("cold", ()),
    ("warm", ()),
    ("head changed", ("dense_units=96",)),
)
MATRIX_SIDE = 2048  # large enough for full speed, small enough for any memory
PRODUCTS = 20
Report = Callable[[str], None]


def bench_train(
    dataset: Dataset, repeats: int, report: Report, config: TrainConfig = PRESETS[PRESET]
) -> dict[str, Any]:
    """Time the `paper` preset from JPEGs: plain, and ours with cold and with warm cache.

    Args:
        dataset: its photos; also subsets of 1,000 and 4,000, each class and split alike.
        repeats: runs of each kind; the medians count.
        report: called with a line about each run.
        config: another recipe, for a dataset that is small.

    Returns:
        plain_seconds, ours_seconds (cold cache) and ratio for all photos; per number of photos the
        same with warm_seconds, phase 1 alone when only the head has changed, phase 2 alone,
        cache_megabytes, and arithmetic_seconds: what the multiplications of the frozen pass and of
        phase 2 would take at gflop_per_second, the speed of this processor's large matrix products
        in float32; as product_type what the steps of phase 2 multiplied in, see
        `imgcls.training.engines.precision`; as spread the lowest and the highest of what is a
        median.
    """
    numbers = [*(size for size in SIZES if size < len(dataset.table)), len(dataset.table)]
    sizes = [_bench_size(_subset(dataset, number), repeats, report, config) for number in numbers]
    in_steps = _in_new_process(_product_type)
    return {"bench": "train", "product_type": in_steps, **sizes[-1], "sizes": sizes}


def _bench_size(
    dataset: Dataset, repeats: int, report: Report, config: TrainConfig
) -> dict[str, Any]:
    timings: dict[str, list[dict[str, float]]] = {kind: [] for kind, _ in KINDS}
    speeds: list[float] = []
    for repeat in range(repeats):
        speeds.append(_in_new_process(_multiply_adds_per_second))
        with tempfile.TemporaryDirectory() as cache:
            for kind, settings in KINDS:
                changed = with_settings(config, [*settings])
                taken = _in_new_process(_time_training, dataset, changed, cache)
                timings[kind].append(taken)
                report(
                    f"{len(dataset.table):,} photos, {repeat + 1}: {kind}, {taken['wall']:.1f} s"
                )
            features = Path(cache, "features")
            cache_bytes = sum(file.stat().st_size for file in features.iterdir())
    return {
        "photos": len(dataset.table),
        **_summary(timings, speeds),
        **_floor(dataset, median(speeds), config),
        "cache_megabytes": cache_bytes / 1e6,
    }


def _summary(timings: dict[str, list[dict[str, float]]], speeds: list[float]) -> dict[str, Any]:
    found = summary(
        {
            "plain_seconds": _seconds(timings["plain"], "wall"),
            "ours_seconds": _seconds(timings["cold"], "wall"),
            "warm_seconds": _seconds(timings["warm"], "wall"),
            "phase1_plain_seconds": _seconds(timings["plain"], "phase1"),
            "phase1_head_changed_seconds": _seconds(timings["head changed"], "features", "phase1"),
            "phase2_plain_seconds": _seconds(timings["plain"], "phase2"),
            "phase2_seconds": _seconds(timings["warm"], "phase2"),
            "gflop_per_second": [2 * speed / 1e9 for speed in speeds],
        }
    )
    return found | {
        "ratio": found["plain_seconds"] / found["ours_seconds"],
        "warm_ratio": found["plain_seconds"] / found["warm_seconds"],
        "phase1_head_changed_ratio": (
            found["phase1_plain_seconds"] / found["phase1_head_changed_seconds"]
        ),
        "phase2_ratio": found["phase2_plain_seconds"] / found["phase2_seconds"],
    }


def _seconds(timings: list[dict[str, float]], *parts: str) -> list[float]:
    return [sum(taken[part] for part in parts) for taken in timings]


def _floor(dataset: Dataset, speed: float, config: TrainConfig) -> dict[str, float]:
    _, phase2 = config.phases
    counts = dataset.table["split"].value_counts()
    base = multiply_adds(config)
    trained = multiply_adds(config, config.fine_tune_at)
    tail = multiply_adds(config, cut_index(config) + 1)
    # Training goes through a trained layer three times: forwards, and for the gradients of its
    # input and of its kernel.
    each_epoch = counts["train"] * (tail + 2 * trained) + counts["validation"] * tail
    phase2_seconds = phase2.epochs * each_epoch / speed
    return {
        "phase2_arithmetic_seconds": phase2_seconds,
        "arithmetic_seconds": phase2_seconds + len(dataset.table) * base / speed,
    }


def _subset(dataset: Dataset, photos: int) -> Dataset:
    if photos == len(dataset.table):
        return dataset
    share = photos / len(dataset.table)
    table = dataset.table.groupby(["split", "label"]).sample(frac=share, random_state=0)
    table = table.sort_values("file", ignore_index=True)
    return replace(dataset, table=table, fingerprint=f"{dataset.fingerprint} {photos}")


def _in_new_process(function: Any, *arguments: Any) -> Any:
    """Call in a process of its own, so that each training imports TensorFlow as a user's does."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(function, arguments)


def _time_training(dataset: Dataset, config: TrainConfig, cache: str) -> dict[str, float]:
    os.environ["IMGCLS_CACHE"] = cache
    with tempfile.TemporaryDirectory() as models:
        started = time.monotonic()
        run = train(config, dataset, Path(models), preset=PRESET)
        wall = time.monotonic() - started
    return {"wall": wall, "features": 0.0, **run.record.timings.to_dict()}


def _product_type() -> str:
    from imgcls.training.engines.precision import product_type

    return str(product_type().name)


def _multiply_adds_per_second() -> float:
    import tensorflow as tf

    matrix = tf.random.uniform((MATRIX_SIDE, MATRIX_SIDE))

    def seconds() -> float:
        started = time.perf_counter()
        tf.linalg.matmul(matrix, matrix).numpy()
        return time.perf_counter() - started

    return float(MATRIX_SIDE**3 / median(seconds() for _ in range(PRODUCTS)))
