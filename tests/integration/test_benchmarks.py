"""`bench` measures both ways on drawings; that ours is faster is for real photos to show."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks import training
from benchmarks.tables import table
from imgcls.config import with_settings
from imgcls.data.dataset import open_dataset
from imgcls.presets import PRESETS
from imgcls.runs.run import Run

# No run is as fast as this many operations a second, none as slow: what is wrong by the factor of
# a unit falls outside.
SLOWEST, FASTEST = 1e9, 1e14


def bench(*arguments: object, **environment: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "imgcls", "bench", *map(str, arguments)],
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
        capture_output=True,
        text=True,
        check=False,
    )


def measured(said: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    assert said.returncode == 0, said.stderr
    found: dict[str, Any] = json.loads(said.stdout)
    assert found["ratio"] == pytest.approx(found["plain_seconds"] / found["ours_seconds"])
    assert found["machine"]["cores"] >= 1
    assert found["versions"]["tensorflow"]
    assert found["date"]
    return found


@pytest.mark.slow
def test_train(
    drawn_photos: Path, base_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "models").mkdir()
    name = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"
    (tmp_path / "models" / name).symlink_to(base_weights)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path))  # set by what is timed, given back after it
    # Each in this process: importing TensorFlow six times would take longer than all the rest.
    monkeypatch.setattr(training, "_in_new_process", lambda function, *given: function(*given))
    monkeypatch.setattr(training, "PRODUCTS", 3)  # each takes a tenth of a second
    small = ["image_size=32", "initial_epochs=1", "fine_tune_epochs=1"]
    lines: list[str] = []
    found = training.bench_train(
        open_dataset(drawn_photos), 1, lines.append, with_settings(PRESETS["paper"], small)
    )
    assert len(lines) == len(training.KINDS)
    assert found["ratio"] == pytest.approx(found["plain_seconds"] / found["ours_seconds"])
    assert found["photos"] == 180
    (size,) = found["sizes"]  # there are too few drawings for a smaller subset
    assert size["plain_seconds"] == found["plain_seconds"]
    # The head alone is a part of the whole, and its features are in the cache.
    assert found["phase1_head_changed_seconds"] < found["warm_seconds"]
    assert found["phase1_plain_seconds"] < found["plain_seconds"]
    # 1 x 1 x 160 and 1280 numbers of two bytes, in whole pages.
    assert 2_880 <= found["cache_megabytes"] * 1e6 / 180 <= 5_000
    assert SLOWEST < found["gflop_per_second"] * 1e9 < FASTEST
    assert 0 < found["phase2_arithmetic_seconds"] < found["phase2_seconds"]
    assert found["phase2_arithmetic_seconds"] < found["arithmetic_seconds"]
    assert found["arithmetic_seconds"] < found["ours_seconds"]
    assert "180 photos" in table(found)
    assert found["spread"]["ours_seconds"] == [found["ours_seconds"]] * 2  # it ran once


def test_predict(finished: Run, drawn_photos: Path) -> None:
    said = bench(
        *("predict", "--run", finished.id, "--data", drawn_photos, "--repeats", 2, "--json"),
        IMGCLS_MODELS=finished.path.parent,
    )
    found = measured(said)
    assert found["run"] == finished.id
    assert 0 < found["ours_seconds"] <= found["ours_p95_seconds"]
    assert 0 < found["plain_seconds"] <= found["plain_p95_seconds"]
    assert found["folder_photos"] > 10
    assert found["folder_ratio"] == pytest.approx(
        found["ours_photos_per_second"] / found["plain_photos_per_second"]
    )


def test_startup_as_a_table_by_the_newest_run_of_paper(finished: Run, drawn_photos: Path) -> None:
    said = bench(
        "startup", "--data", drawn_photos, "--repeats", 1, IMGCLS_MODELS=finished.path.parent
    )
    assert said.returncode == 0, said.stderr
    where, _, *table = said.stdout.splitlines()
    assert "cores" in where
    assert table[0] == "| | plain Keras | imgcls | times |"
    rows = {cells[1].strip(): cells[2:5] for cells in (row.split("|") for row in table[2:])}
    plain, ours, times = rows["process start to first answer"]
    assert float(times) == pytest.approx(seconds(plain) / seconds(ours), rel=0.03)
    plain, ours, times = (figure.split()[0] for figure in rows["peak memory of that"])
    assert float(times) == pytest.approx(float(plain) / float(ours), rel=0.03)
    assert float(times) > 1


def seconds(figure: str) -> float:
    number, unit = figure.split()
    return float(number) * {"s": 1, "ms": 0.001}[unit]


def test_without_a_run_of_paper_the_command_that_makes_one_is_named(
    drawn_photos: Path, tmp_path: Path
) -> None:
    said = bench("predict", "--data", drawn_photos, IMGCLS_MODELS=tmp_path)
    assert said.returncode == 1
    assert "python -m imgcls train --preset paper" in said.stderr
