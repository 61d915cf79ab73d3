"""Where a run comes from: process, machine, versions, data and base weights, as JSON types."""

import os
import platform
import shlex
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psutil

from imgcls.config import PRESETS, TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.networks.weights import BaseWeights
from imgcls.paths import DIGITS, IMAGENETTE

PACKAGES = ("tensorflow", "keras", "ai-edge-litert", "numpy", "pillow")


def machine() -> dict[str, Any]:
    """Return system, processor, number of cores and memory in GB."""
    return {
        "system": f"{platform.system()} {platform.machine()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9),
    }


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that make the numbers."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def command(preset: str, config: TrainConfig, dataset: Dataset) -> str:
    """Return the command line that asks for this experiment."""
    changed = {
        key: value
        for key, value in config.to_dict().items()
        if value != getattr(PRESETS[preset], key)
    }
    words = ["python", "-m", "imgcls", "train", "--preset", preset]
    words += [f"--set={key}={value}" for key, value in changed.items()]
    if dataset.name != IMAGENETTE:
        words += ["--data", DIGITS if dataset.name == DIGITS else dataset.root.name]
    return shlex.join(words)


def data(dataset: Dataset) -> dict[str, Any]:
    """Return name, fingerprint, classes, counts by split and class, and the unreadable files."""
    return {
        "name": dataset.name,
        "fingerprint": dataset.fingerprint,
        "classes": [
            {"folder": folder, "name": name}
            for folder, name in zip(dataset.classes, dataset.class_names, strict=True)
        ],
        "counts": dataset.counts(),
        "unreadable": dataset.unreadable["file"].tolist(),
    }


def base(weights: BaseWeights | None) -> dict[str, str] | None:
    """Return source, SHA-256 and note of the base weights; None when nothing is pretrained."""
    if weights is None:
        return None
    return {"source": weights.source, "sha256": weights.sha256, "note": weights.note}


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")  # platform.processor() is empty on most Linux systems
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
