"""How much faster than plain Keras: both ways side by side in one process tree, medians of runs."""

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from imgcls import provenance
from imgcls.config import PRESETS, with_settings
from imgcls.datasets import Dataset
from imgcls.predict import Predictor
from imgcls.runs import Run
from imgcls.training import train

SIZES = (1_000, 4_000)  # photos, before the whole dataset
ONE_PHOTO_TIMES = 40
# How public Streamlit classifiers answer: the whole of Keras, one array, `model.predict`.
PLAIN_PREDICT = """
import sys
import keras, numpy as np
from PIL import Image, ImageOps
model = keras.saving.load_model(sys.argv[1])
size = model.input_shape[1]
photo = ImageOps.fit(Image.open(sys.argv[2]).convert("RGB"), (size, size))
print(model.predict(np.asarray(photo)[None], verbose=0).argmax())
"""
# A process counts the memory of the one it was forked from as its own peak: fork from a small one.
MEASURE = """
import os, subprocess, sys, time
started = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
print(time.perf_counter() - started, usage.ru_maxrss)
sys.exit(os.waitstatus_to_exitcode(status))
"""

Report = Callable[[str], None]


def bench_train(dataset: Dataset, repeats: int, report: Report) -> dict[str, Any]:
    """Time the `paper` preset from JPEGs: plain, and ours with cold and with warm cache.

    Args:
        dataset: its photos; also subsets of 1,000 and 4,000, each class and split alike.
        repeats: runs of each kind; the medians count.
        report: called with a line about each run.

    Returns:
        plain_seconds, ours_seconds (cold cache) and ratio for all photos, and per number of photos
        the same with warm_seconds, and phase 1 alone when only the head has changed.
    """
    numbers = [*(size for size in SIZES if size < len(dataset.table)), len(dataset.table)]
    sizes = [_bench_size(_subset(dataset, number), repeats, report) for number in numbers]
    return {"bench": "train", **sizes[-1], "sizes": sizes, **_where()}


def _bench_size(dataset: Dataset, repeats: int, report: Report) -> dict[str, Any]:
    timings: dict[str, list[dict[str, float]]] = {}
    for repeat in range(repeats):
        with tempfile.TemporaryDirectory() as cache:
            for kind, settings in (
                ("plain", ["engine=plain"]),
                ("cold", []),
                ("warm", []),
                ("head changed", ["dense_units=96"]),
            ):
                taken = _in_new_process(dataset, settings, cache)
                timings.setdefault(kind, []).append(taken)
                report(
                    f"{len(dataset.table):,} photos, {repeat + 1}: {kind}, {taken['wall']:.1f} s"
                )
    seconds = {kind: _median(taken, "wall") for kind, taken in timings.items()}
    plain_head = _median(timings["plain"], "phase1")
    head = _median(timings["head changed"], "features", "phase1")
    return {
        "photos": len(dataset.table),
        "plain_seconds": seconds["plain"],
        "ours_seconds": seconds["cold"],
        "ratio": seconds["plain"] / seconds["cold"],
        "warm_seconds": seconds["warm"],
        "warm_ratio": seconds["plain"] / seconds["warm"],
        "phase1_plain_seconds": plain_head,
        "phase1_head_changed_seconds": head,
        "phase1_head_changed_ratio": plain_head / head,
    }


def _median(timings: list[dict[str, float]], *parts: str) -> float:
    return median(sum(taken[part] for part in parts) for taken in timings)


def _subset(dataset: Dataset, photos: int) -> Dataset:
    if photos == len(dataset.table):
        return dataset
    share = photos / len(dataset.table)
    table = dataset.table.groupby(["split", "label"]).sample(frac=share, random_state=0)
    table = table.sort_values("file", ignore_index=True)
    return replace(dataset, table=table, fingerprint=f"{dataset.fingerprint} {photos}")


def _in_new_process(dataset: Dataset, settings: list[str], cache: str) -> dict[str, float]:
    """Train in a process of its own, as from the command line, with TensorFlow's import."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_time_training, (dataset, settings, cache))


def _time_training(dataset: Dataset, settings: list[str], cache: str) -> dict[str, float]:
    os.environ["IMGCLS_CACHE"] = cache
    with tempfile.TemporaryDirectory() as models:
        started = time.monotonic()
        config = with_settings(PRESETS["paper"], settings)
        run = train(config, dataset, Path(models), preset="paper")
        wall = time.monotonic() - started
    return {"wall": wall, "features": 0.0, **run.record["timings"]}


def bench_predict(run: Run, photos: Sequence[Path], report: Report) -> dict[str, Any]:
    """Time an answer for one uploaded photo, decoding included, and a folder of photos.

    Returns:
        plain_seconds and ours_seconds (medians) and ratio for one photo, both 95th percentiles,
        and photos per second for the folder.
    """
    import keras
    import numpy as np

    predictor = Predictor(run)
    model = keras.saving.load_model(run.file("model.keras"), compile=False)
    size = run.config.image_size

    def plain(photo: Path) -> None:
        model.predict(_plain_pixels(photo, size)[np.newaxis], verbose=0)

    def ours(photo: Path) -> None:
        predictor.predict(photo.read_bytes())

    taken: dict[str, list[float]] = {"plain": [], "ours": []}
    for warm_up in (True, False):
        for photo in photos[:ONE_PHOTO_TIMES]:
            for name, answer in (("plain", plain), ("ours", ours)):
                seconds = _seconds(answer, photo)
                taken[name] += [] if warm_up else [seconds]
    report(f"one photo, {len(taken['ours'])} times")
    folder = {
        "ours": len(photos) / _seconds(lambda all_: list(predictor.predict_many(all_)), photos),
        "plain": len(photos)
        / _seconds(
            lambda all_: model.predict(
                np.stack([_plain_pixels(photo, size) for photo in all_]), verbose=0
            ),
            photos,
        ),
    }
    return {
        "bench": "predict",
        "plain_seconds": median(taken["plain"]),
        "ours_seconds": median(taken["ours"]),
        "ratio": median(taken["plain"]) / median(taken["ours"]),
        "plain_p95_seconds": quantiles(taken["plain"], n=20)[-1],
        "ours_p95_seconds": quantiles(taken["ours"], n=20)[-1],
        "folder_photos": len(photos),
        "plain_photos_per_second": folder["plain"],
        "ours_photos_per_second": folder["ours"],
        "folder_ratio": folder["ours"] / folder["plain"],
        **_where(),
    }


def _plain_pixels(photo: Path, size: int) -> Any:
    import numpy as np
    from PIL import Image, ImageOps

    with Image.open(photo) as image:
        return np.asarray(ImageOps.fit(image.convert("RGB"), (size, size)))


def _seconds(call: Callable[[Any], Any], argument: Any) -> float:
    started = time.perf_counter()
    call(argument)
    return time.perf_counter() - started


def bench_startup(run: Run, photo: Path, repeats: int, report: Report) -> dict[str, Any]:
    """Time from the start of a process to its first answer, and its peak memory.

    Returns:
        plain_seconds, ours_seconds (medians) and ratio; plain_megabytes, ours_megabytes and
        memory_ratio.
    """
    commands = {
        "plain": [sys.executable, "-c", PLAIN_PREDICT, str(run.file("model.keras")), str(photo)],
        "ours": [sys.executable, "-m", "imgcls", "predict", "--run", run.id, str(photo)],
    }
    environment = {**os.environ, "IMGCLS_MODELS": str(run.path.parent)}
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    megabytes: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(repeats):
        for name, command in commands.items():
            taken, peak = _run_process(command, environment)
            seconds[name].append(taken)
            megabytes[name].append(peak)
            report(f"{repeat + 1}: {name}, {taken:.2f} s, {peak:.0f} MB")
    return {
        "bench": "startup",
        "plain_seconds": median(seconds["plain"]),
        "ours_seconds": median(seconds["ours"]),
        "ratio": median(seconds["plain"]) / median(seconds["ours"]),
        "plain_megabytes": median(megabytes["plain"]),
        "ours_megabytes": median(megabytes["ours"]),
        "memory_ratio": median(megabytes["plain"]) / median(megabytes["ours"]),
        **_where(),
    }


def _run_process(command: list[str], environment: dict[str, str]) -> tuple[float, float]:
    """Return the seconds that a command took and its peak resident memory in MB."""
    measured = subprocess.run(
        [sys.executable, "-c", MEASURE, *command],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    seconds, peak = map(float, measured.stdout.split())
    per_megabyte = 1e6 if sys.platform == "darwin" else 1e3  # bytes there, kilobytes elsewhere
    return seconds, peak / per_megabyte


def _where() -> dict[str, Any]:
    return {
        "machine": provenance.machine(),
        "versions": provenance.versions(),
        "date": time.strftime("%Y-%m-%d"),
    }
