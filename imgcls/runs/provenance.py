"""Where a run comes from: process, machine, versions, data and base weights."""

import os
import platform
import shlex
from importlib.metadata import version
from pathlib import Path

import psutil

from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.networks.weights import BaseWeights
from imgcls.paths import IMAGENETTE, data_dir
from imgcls.presets import PRESETS
from imgcls.runs.record import Base, Class, Machine, Photos
from imgcls.runs.run import Run

PACKAGES = ("tensorflow", "keras", "ai-edge-litert", "numpy", "pillow")


def machine() -> Machine:
    """Return what this process runs on."""
    return Machine(
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_gb=round(psutil.virtual_memory().total / 1e9),
    )


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def command(preset: str, config: TrainConfig, dataset: Dataset, weights: BaseWeights | None) -> str:
    """Return the command line that asks for this experiment, on this machine at least."""
    usual = PRESETS[preset].for_photos(len(dataset.split("train")))
    changed = {
        key: value for key, value in config.to_dict().items() if value != getattr(usual, key)
    }
    own = weights.path if weights is not None and weights.source == "file" else None
    settings = [f"--set={key}={value}" for key, value in changed.items()]
    start = ["--start-from", weights.run] if weights is not None and weights.run else []
    return _train("--preset", preset, *settings, *_inputs(dataset, own), *start)


def resume_command(run: Run, dataset: Dataset, weights_file: Path | None) -> str:
    """Return the command line that goes on with a run.

    Args:
        run: the run.
        dataset: its photos.
        weights_file: as it was begun with, see `imgcls.training.train.train`.
    """
    return _train("--resume", run.id, *_inputs(dataset, weights_file))


def _inputs(dataset: Dataset, weights_file: Path | None) -> list[str]:
    # Where Imagenette lies is everybody's own affair: its command works on other machines too.
    default = dataset.name == IMAGENETTE and dataset.root == data_dir().resolve()
    data = [] if default else ["--data", dataset.location]
    return data + (["--weights", str(weights_file.resolve())] if weights_file else [])


def _train(*words: str) -> str:
    return shlex.join(["python", "-m", "imgcls", "train", *words])


def photos(dataset: Dataset) -> Photos:
    """Return what a record says of the photos."""
    return Photos(
        name=dataset.name,
        fingerprint=dataset.fingerprint,
        classes=tuple(
            Class(folder=folder, name=name)
            for folder, name in zip(dataset.classes, dataset.class_names, strict=True)
        ),
        counts=dataset.counts(),
        unreadable=tuple(dataset.unreadable["file"]),
    )


def base(weights: BaseWeights | None) -> Base | None:
    """Return what a record says of the base weights; None when nothing is pretrained."""
    if weights is None:
        return None
    return Base(
        source=weights.source,
        sha256=weights.sha256,
        note=weights.note,
        run=weights.run,
        size=weights.size,
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")  # platform.processor() is empty on most Linux systems
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
