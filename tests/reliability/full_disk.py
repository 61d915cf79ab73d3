"""Disks that are full, or cannot be written, at whatever is being written.

    python -m tests.reliability.full_disk

Needs Linux and an administrator, who may mount: the disks are real ones (tmpfs), of so many
megabytes. Expected each time: one sentence and no traceback, nothing half-written, and with more
room the same command ends as if nothing had been.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from imgcls.data.collections import store as collection_store
from imgcls.data.collections.limits import CollectionError
from imgcls.runs.run import Run
from tests.reliability.drawings import only_run, prepare, require_same
from tests.support.datasets import draw_shape
from tests.support.repository import ROOT

TRAINING = (1, 5, 10, 15, 20, 25, 30, 35, 40, 60)  # MB: of which the last is enough
EXPORTS = ("litert", "onnx", "keras")


class Command:
    """The command line, with all that it writes in one place."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._training = prepare(place)
        self.variables = {
            "IMGCLS_MODELS": str(place / "models"),
            "IMGCLS_CACHE": str(place / "cache"),
            "TF_CPP_MIN_LOG_LEVEL": "3",
        }

    def __call__(self, *words: object, **variables: object) -> "subprocess.CompletedProcess[str]":
        """Run it; standard error must hold no traceback."""
        done = subprocess.run(
            [sys.executable, "-m", "imgcls", *map(str, words)],
            cwd=ROOT,
            env={
                **os.environ,
                **self.variables,
                **{key: str(each) for key, each in variables.items()},
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return done

    def train(self, **variables: object) -> "subprocess.CompletedProcess[str]":
        """Train on the drawings."""
        return self(*self._training, **variables)


@contextmanager
def disk(place: Path, megabytes: float) -> Iterator[Path]:
    """Mount a disk of that size, and unmount it."""
    place.mkdir(parents=True)
    size = f"size={int(megabytes * 1e6)}"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def remount(place: Path, how: str) -> None:
    """Change a disk: its size, or whether it can be written."""
    subprocess.run(["mount", "-o", f"remount,{how}", place], check=True)


def _sentence(done: "subprocess.CompletedProcess[str]") -> str:
    assert done.returncode == 1, done
    (*_, last) = done.stderr.strip().splitlines()
    assert last.startswith("imgcls: "), done.stderr
    return last.split(":")[1].strip()


def _while_training(command: Command, whole: Run) -> None:
    for megabytes in TRAINING:
        with disk(command.place / f"runs-{megabytes}", megabytes) as full:
            done = command.train(IMGCLS_MODELS=full / "models")
            if done.returncode == 0:
                print(f"training, disk of {megabytes} MB: enough")
            else:
                print(f"training, disk of {megabytes} MB: {_sentence(done)}", flush=True)
                left = [path for path in full.rglob(".*-*") if path.is_file()]
                assert not left, left
                remount(full, "size=200m")
                done = command.train(IMGCLS_MODELS=full / "models")
            assert done.returncode == 0, done.stderr
            require_same(only_run(full / "models"), whole)


def _cache(command: Command, whole: Run) -> None:
    with disk(command.place / "small cache", 0.3) as full:
        done = command.train(IMGCLS_CACHE=full, IMGCLS_MODELS=command.place / "cacheless")
        assert done.returncode == 0, done.stderr
        require_same(only_run(command.place / "cacheless"), whole)
    print("cache, disk of 0.3 MB: the training ends as with a cache")


def _exports(command: Command, whole: Run) -> None:
    for format in EXPORTS:
        with disk(command.place / f"out-{format}", 2) as full:
            ask = ("export", whole.id, "--format", format, "--out", full / "model.zip")
            print(f"export to {format}, disk of 2 MB: {_sentence(command(*ask))}", flush=True)
            assert not list(full.iterdir()), list(full.iterdir())
            remount(full, "size=200m")
            assert command(*ask).returncode == 0


def _own_classes(command: Command) -> None:
    photo = np.random.default_rng(0)
    with disk(command.place / "own", 0.4) as full:
        collection = collection_store.create(full, "shapes")
        collection.add_class("disc")
        kept = 0
        try:
            for number in range(1_000):
                image = draw_shape("disc", photo).resize((400, 400))
                path = command.place / "own.png"
                image.save(path)
                collection.add([(f"{number}.png", path.read_bytes())], "disc")
                kept += 1
        except CollectionError as error:
            print(f"own classes, disk of 0.4 MB, after {kept} photos: {error}")
        assert 0 < kept < 1_000
        assert len(collection.photos("disc")) == kept


def _read_only(command: Command, whole: Run) -> None:
    with disk(command.place / "read only", 200) as place:
        copy = place / "models"
        subprocess.run(["cp", "-r", command.place / "models", copy], check=True)
        remount(place, "ro")
        photo = next((command.place / "shapes").rglob("*.png"))
        assert command("predict", photo, "--run", whole.id, IMGCLS_MODELS=copy).returncode == 0
        assert command("runs", IMGCLS_MODELS=copy).returncode == 0
        assert "cannot be written" in command("doctor", IMGCLS_MODELS=copy).stdout
        other = command(
            "train", "--data", "digits", "--weights", command.place / "base.h5", IMGCLS_MODELS=copy
        )
        print(f"runs that cannot be written: they answer; training: {_sentence(other)}")


def main() -> None:
    """Try each; an assertion says what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        command = Command(place)
        assert command.train().returncode == 0
        whole = only_run(place / "models")
        _while_training(command, whole)
        _cache(command, whole)
        _exports(command, whole)
        _own_classes(command)
        _read_only(command, whole)
    print("nothing half-written, and with more room all ended as if nothing had been")


if __name__ == "__main__":
    main()
