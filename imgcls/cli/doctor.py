"""The verb `doctor`: whether all is in place, and what to do where it is not."""

import os
import shutil
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from imgcls._utils import open_files
from imgcls.cli.arguments import Verbs, add_json, add_verb
from imgcls.cli.output import answer
from imgcls.errors import DatasetError
from imgcls.paths import cache_dir, data_dir, models_dir
from imgcls.presets import PRESETS

# What each extra is for, and a distribution that comes with it alone.
PARTS = {
    "training": ("tensorflow", "train"),
    "the app": ("streamlit", "app"),
    "exports to ONNX": ("onnx", "export"),
    "the service": ("uvicorn", "serve"),
    "clusters": ("ray", "ray"),
}
SPACE = 3e9  # bytes: a cache of features, and a run


@dataclass(frozen=True)
class Finding:
    """What was looked at.

    Attributes:
        what: in a word.
        found: in a sentence.
        do: what to do about it, or empty.
        well: whether nothing is wrong; what is merely not there is not wrong.
    """

    what: str
    found: str
    do: str = ""
    well: bool = True


def add(verbs: Verbs) -> None:
    """Add the verb."""
    add_json(add_verb(verbs, "doctor", run, "whether all is in place, and what to do if not"))


def run(options: Namespace) -> bool:
    """Print what was found; the exit status says whether something is wrong."""
    looks: tuple[Callable[[], Iterator[Finding]], ...] = (
        _installation,
        _dataset,
        _base_weights,
        _runs,
        _folders,
        _open_files,
    )
    findings = [finding for look in looks for finding in look()]
    lines = []
    for finding in findings:
        lines.append(f"{'ok ' if finding.well else '!! '} {finding.what}: {finding.found}")
        if finding.do:
            lines.append(f"     {finding.do}")
    answer(options, [asdict(finding) for finding in findings], "\n".join(lines))
    return all(finding.well for finding in findings)


def _installation() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", python, well=sys.version_info >= (3, 11))
    yield Finding("predicting", f"ai-edge-litert {version('ai-edge-litert')}")
    for part, (name, extra) in PARTS.items():
        try:
            yield Finding(part, f"{name} {version(name)}")
        except PackageNotFoundError:
            do = f"If it is wanted: pip install 'imgcls[{extra}]'"
            yield Finding(part, f"{name} is not installed.", do)


def _dataset() -> Iterator[Finding]:
    from imgcls.data.dataset import open_dataset

    try:
        dataset = open_dataset(data_dir())
    except DatasetError as error:
        if data_dir().exists():
            yield Finding("dataset", str(error), well=False)
        else:
            yield Finding("dataset", "none here.", str(error))
        return
    count = f"{len(dataset.table):,} photos of {len(dataset.classes)} classes"
    bad = len(dataset.unreadable)
    do = f"{bad} more cannot be read: python -m imgcls data inspect names them." if bad else ""
    yield Finding("dataset", f"{count} in {dataset.root}", do)


def _base_weights() -> Iterator[Finding]:
    from imgcls.architectures import mobilenet_v2
    from imgcls.networks.weights import find_local_weights
    from imgcls.runs import store

    in_runs = store.bases(models_dir(), mobilenet_v2.NETWORK)
    for size in sorted({config.image_size for config in PRESETS.values()}):
        found = find_local_weights(size, in_runs=in_runs)
        what = f"base weights for {size} px"
        if found is None:
            yield Finding(what, "none here.", "Training fetches them, which needs the network.")
        elif found.size:
            do = "Those for this very size: a button on Train fetches them."
            yield Finding(what, f"those for {found.size} px in {found.path}", do)
        else:
            yield Finding(what, f"{found.path}: {found.note}")


def _runs() -> Iterator[Finding]:
    from imgcls.runs import checksums, store
    from imgcls.runs.run import BrokenRun

    models = models_dir()
    found = store.list_runs(models)
    readable = store.readable(models)
    finished = [run for run in readable if run.status == "finished"]
    do = "" if finished else "Train one: python -m imgcls train --data digits"
    yield Finding("runs", f"{len(finished)} finished of {len(found)} in {models.resolve()}", do)
    for run in readable:
        if run.status == "interrupted":
            do = f"To go on: {run.record.command}"
            yield Finding(f"run {run.id}", "it was interrupted.", do)
        elif run.status == "finished" and not run.record.checksums:
            do = f"To have damage noticed from now on: python -m imgcls upgrade {run.id}"
            yield Finding(f"run {run.id}", "it knows no checksums of its files.", do)
        for sentence in checksums.damaged(run):
            yield Finding(f"run {run.id}", sentence, well=False)
    for broken in found:
        if isinstance(broken, BrokenRun):
            do = f"Bring it back from a copy, or delete {broken.path}."
            yield Finding(f"run {broken.id}", broken.reason, do, well=False)


def _folders() -> Iterator[Finding]:
    for what, folder in (("runs", models_dir()), ("the cache", cache_dir())):
        place = _existing(folder)
        free = shutil.disk_usage(place).free
        if not os.access(place, os.W_OK):
            do = "Nothing can be trained or kept there: change its permissions or owner."
            yield Finding(f"folder of {what}", f"{folder} cannot be written.", do, well=False)
            continue
        do = "" if free >= SPACE else f"Less than {SPACE / 1e9:.0f} GB: make room."
        said = f"{free / 1e9:,.1f} GB free in {folder}"
        yield Finding(f"folder of {what}", said, do, well=not do)


def _existing(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that there is."""
    return next(place for place in (folder, *folder.resolve().parents) if place.exists())


def _open_files() -> Iterator[Finding]:
    limit = open_files.raise_limit()  # as the app does
    if limit is None or limit >= open_files.ENOUGH:
        yield Finding("open files", "as many as the app needs")
        return
    do = f"For many visitors: ulimit -n {open_files.ENOUGH}, as administrator."
    yield Finding("open files", f"at most {limit} at once.", do, well=False)
