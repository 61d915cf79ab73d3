"""How much faster answers are than by plain Keras: medians, both ways in turn."""

import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.tables import summary
from imgcls.runs.run import Run

PHOTOS_ONE_BY_ONE = 200
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
Answer = Callable[[Sequence[Path]], Any]


def bench_predict(run: Run, photos: Sequence[Path], repeats: int, report: Report) -> dict[str, Any]:
    """Time an answer for one uploaded photo, decoding included, and a folder of photos.

    Each way has a process of its own, as it has in an app: TensorFlow's threads would slow ours.

    Args:
        run: to predict with.
        photos: their paths; the first 200 are asked about one by one.
        repeats: rounds over these, and over the folder; the medians count.
        report: called with a line about what was measured.

    Returns:
        plain_seconds and ours_seconds (medians) and ratio for one photo, both 95th percentiles,
        and photos per second for the folder.
    """
    ones = photos[:PHOTOS_ONE_BY_ONE]
    with _worker(_load_plain, run) as plain, _worker(_load_ours, run) as ours:
        _in_turn(
            plain, ours, _time_each, ones[:5], 1
        )  # the first answers build graphs, fill caches
        one = _in_turn(plain, ours, _time_each, ones, repeats)
        report(f"{len(ones)} photos one by one, {repeats} times")
        folder = _in_turn(plain, ours, _time_all, photos, repeats)
        report(f"{len(photos)} photos, {repeats} times")
    rates = summary(
        {
            f"{name}_photos_per_second": [len(photos) / taken for taken in seconds]
            for name, seconds in zip(("plain", "ours"), folder, strict=True)
        }
    )
    return {
        "bench": "predict",
        "run": run.id,
        "preset": run.record.preset,
        "plain_seconds": median(one[0]),
        "ours_seconds": median(one[1]),
        "ratio": median(one[0]) / median(one[1]),
        "plain_p95_seconds": quantiles(one[0], n=20)[-1],
        "ours_p95_seconds": quantiles(one[1], n=20)[-1],
        "folder_photos": len(photos),
        **rates,
        "folder_ratio": rates["ours_photos_per_second"] / rates["plain_photos_per_second"],
    }


def _in_turn(
    plain: ProcessPoolExecutor,
    ours: ProcessPoolExecutor,
    time_them: Callable[[Sequence[Path]], list[float]],
    photos: Sequence[Path],
    repeats: int,
) -> tuple[list[float], list[float]]:
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for worker, seconds in zip((plain, ours), taken, strict=True):
            seconds.extend(worker.submit(time_them, photos).result())
    return taken


def _worker(load: Callable[[Run], None], run: Run) -> ProcessPoolExecutor:
    spawn = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=spawn, initializer=load, initargs=(run,))


class _Loaded:
    """What the worker's process answers with."""

    answer: Answer


def _time_all(photos: Sequence[Path]) -> list[float]:
    started = time.perf_counter()
    _Loaded.answer(photos)
    return [time.perf_counter() - started]


def _time_each(photos: Sequence[Path]) -> list[float]:
    return [seconds for photo in photos for seconds in _time_all([photo])]


def _load_ours(run: Run) -> None:
    from imgcls.inference.predictor import Predictor

    predictor = Predictor(run)

    def answer(photos: Sequence[Path]) -> Any:
        if len(photos) == 1:
            return predictor.predict(photos[0].read_bytes())
        return list(predictor.predict_many(photos))

    _Loaded.answer = answer


def _load_plain(run: Run) -> None:
    import keras
    import numpy as np
    from PIL import Image, ImageOps

    model = keras.saving.load_model(run.file("model.keras"), compile=False)
    size = (run.config.image_size, run.config.image_size)

    def pixels(photo: Path) -> Any:
        with Image.open(photo) as image:
            return np.asarray(ImageOps.fit(image.convert("RGB"), size))

    def answer(photos: Sequence[Path]) -> Any:
        return model.predict(np.stack([pixels(photo) for photo in photos]), verbose=0)

    _Loaded.answer = answer


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
    found = summary(
        {
            **{f"{name}_seconds": taken for name, taken in seconds.items()},
            **{f"{name}_megabytes": peaks for name, peaks in megabytes.items()},
        }
    )
    return {
        "bench": "startup",
        "run": run.id,
        "preset": run.record.preset,
        **found,
        "ratio": found["plain_seconds"] / found["ours_seconds"],
        "memory_ratio": found["plain_megabytes"] / found["ours_megabytes"],
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
