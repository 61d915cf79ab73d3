"""Two machines of a Ray cluster share the work: one of them is killed, and so is the command."""

import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest

from imgcls.config import with_settings
from imgcls.data.bundled import write_digits
from imgcls.data.dataset import open_dataset
from imgcls.export import parts
from imgcls.inference.feature_cache import FeatureStore
from imgcls.paths import cache_dir
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.run import Run
from imgcls.training.fill import fill_cache
from imgcls.training.sweep import grid, sweep
from tests.integration.cli import test_parts
from tests.support.datasets import TINY
from tests.support.repository import ROOT

pytest.importorskip("ray", reason="needs ray: pip install 'imgcls[ray]'")
Ask = test_parts.Ask
ask, with_run, folder = test_parts.ask, test_parts.with_run, test_parts.folder
DIGITS = 10  # of each
PHOTOS, ROWS, TASK = 1_200, 20, 16  # in all, of a part, and of a task
SETTINGS = ["image_size=32", "initial_epochs=1", "seed=1,2,3,4,5,6"]
SECONDS = 240  # for what takes ten on a machine that has nothing else to do
COMMAND = f"""
import sys
from imgcls.cli.main import main
from imgcls.export import parts
from imgcls.inference import spread
parts.ROWS = {ROWS}
spread.PHOTOS = {TASK}
sys.exit(main(sys.argv[1:]))
"""


class Cluster:
    """Two nodes on this machine, see `tests.support.ray_cluster`."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._input, self._output = process.stdin, process.stdout
        self.address = self._answer()

    def do(self, what: str) -> None:
        self._input.write(f"{what}\n")
        self._input.flush()
        self._answer()

    def _answer(self) -> str:
        return next(line for line in self._output if line.startswith("> "))[2:].strip()


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cluster]:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    # Names of sockets have to be shorter than pytest's folders are.
    folder = tempfile.mkdtemp(prefix="ray-")
    monkeypatch.setenv("RAY_TMPDIR", folder)
    monkeypatch.setenv("RAY_worker_niceness", "0")  # else other tests leave it no time
    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    # Else anybody who reaches its ports could use it while it runs.
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.ray_cluster"],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Cluster(process)
    finally:
        started = psutil.Process(process.pid).children(recursive=True)
        try:
            process.communicate(timeout=SECONDS)
        finally:
            process.kill()
            _, left = psutil.wait_procs(started, timeout=10)
            for one in left:
                one.kill()
            shutil.rmtree(folder, ignore_errors=True)
        assert not left, "Ray has left processes behind"


@contextmanager
def begun(*words: object, **variables: object) -> Iterator["subprocess.Popen[str]"]:
    """Run a command beside the test, and kill it when the block ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", COMMAND, *map(str, words)],
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()


def wait_for(happened: Callable[[], bool]) -> None:
    until = time.monotonic() + SECONDS
    while not happened():
        assert time.monotonic() < until, "that took too long"
        time.sleep(0.02)


def figures(run: Run) -> str:
    return run.history.drop(columns="seconds").to_json()


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.usefixtures("with_run")
def test_two_machines_do_what_one_does_also_when_one_is_killed(
    cluster: Cluster, ask: Ask, base_weights: Path, drawn_photos: Path, tmp_path: Path
) -> None:
    """One test, for a cluster takes seconds to start."""
    trained_side_by_side(cluster, tmp_path)
    computed_by_both(cluster, base_weights, drawn_photos, tmp_path)
    answered_by_both(cluster, ask, drawn_photos, tmp_path)


def trained_side_by_side(cluster: Cluster, tmp_path: Path) -> None:
    photos, models = some_digits(tmp_path / "digits"), tmp_path / "spread"
    settings = [word for text in SETTINGS for word in ("--set", text)]
    command = ["sweep", "--preset", "scratch", "--data", photos, *settings]
    with begun(*command, "--ray", cluster.address, IMGCLS_MODELS=models):
        wait_for(lambda: len(finished(models)) >= 2)
    before = finished(models)
    configs, dataset = grid(PRESETS["scratch"], SETTINGS), open_dataset(photos)
    assert len(before) < len(configs), "the kill came after all the work"
    # What was begun on the cluster goes on without it, and nothing is trained twice.
    asked, spread = sweep(configs, dataset, models, preset="scratch", command="")
    assert before.items() <= finished(models).items()
    _, alone = sweep(configs, dataset, tmp_path / "alone", preset="scratch", command="")
    assert [run.id for run in spread] == [run.id for run in alone] == asked.runs
    assert [figures(run) for run in spread] == [figures(run) for run in alone]


def finished(models: Path) -> dict[str, Run]:
    return {run.id: run for run in store.readable(models) if run.status == "finished"}


def some_digits(place: Path) -> Path:
    """Copy a few of scikit-learn's digits into a dataset of their own."""
    for folder in write_digits(cache_dir()).iterdir():
        (place / folder.name).mkdir(parents=True)
        for path in sorted(folder.iterdir())[:DIGITS]:
            shutil.copy(path, place / folder.name)
    return place


def computed_by_both(cluster: Cluster, weights: Path, drawn_photos: Path, tmp_path: Path) -> None:
    config, dataset = with_settings(PRESETS["paper"], TINY), open_dataset(drawn_photos)
    alone, shared = tmp_path / "cache", tmp_path / "shared"

    def kept(cache: Path) -> dict[str, bytes]:
        (path,) = (cache / "features").glob("*.sqlite")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("IMGCLS_CACHE", str(cache))
            return dict(FeatureStore(path.stem).read(dataset.table["digest"].tolist()))

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("IMGCLS_CACHE", str(alone))
        fill_cache(config, dataset, tmp_path, weights_file=weights)
    shutil.copytree(alone / "programs", shared / "programs")
    recipe = [word for text in TINY for word in ("--set", text)]
    command = ["cache", "fill", *recipe, "--data", drawn_photos, "--weights", weights, "--json"]
    with begun(*command, "--ray", cluster.address, IMGCLS_CACHE=shared) as filling:
        said, errors = filling.communicate(timeout=SECONDS)
    assert filling.returncode == 0, errors
    assert json.loads(said)["computed"] == len(kept(alone))
    assert kept(shared) == kept(alone)


def answered_by_both(cluster: Cluster, ask: Ask, drawn_photos: Path, tmp_path: Path) -> None:
    place = test_parts.linked(drawn_photos, tmp_path / "photos", PHOTOS)
    what = ["predict", place, tmp_path / "gone.png"]
    ray = ["--ray", cluster.address]
    # Without Ray, then with it until the command is killed, then until a node is killed.
    ask(*what, "--out", "both", "--shard", "1/20")
    with begun(*what, "--out", "both", *ray):
        wait_for(lambda: len(list((tmp_path / "both").glob(parts.PARTS))) >= PHOTOS // 5 // ROWS)
    shutil.copytree(tmp_path / "both", tmp_path / "single")
    answered = len(test_parts.table(tmp_path / "single"))
    assert answered < PHOTOS, "the kill came after all the work"
    cluster.do("idle")
    with begun(*what, "--out", "both", *ray) as command:
        cluster.do("busy")
        cluster.do("kill")
        said, errors = command.communicate(timeout=SECONDS)
    assert command.returncode == 1, errors  # of what is no photo
    assert said.startswith(f"{PHOTOS + 2 - answered:,} photos answered")
    # What was begun on the cluster goes on without it.
    assert ask(*what, "--out", "single").status == 1
    once = test_parts.answered_once(ask, drawn_photos, place)
    expected = test_parts.told([*once, *ask("predict", tmp_path / "gone.png", "--json").json])
    assert len(expected) == PHOTOS + 2
    assert test_parts.table(tmp_path / "both") == expected
    assert test_parts.table(tmp_path / "single") == expected
