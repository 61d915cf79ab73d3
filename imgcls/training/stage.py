"""Whether the training in a folder of runs is over, as its own process says."""

import json
from dataclasses import asdict
from pathlib import Path

from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId

FILE = ".training.json"


def write(models: Path, *, over: bool) -> None:
    """Say how far this process is: its training is under way, or over. Raises OSError."""
    write_json(models / FILE, {**asdict(ProcessId.of()), "over": over})


def is_over(models: Path, process: ProcessId) -> bool:
    """Return whether this process has said that its training is over."""
    try:
        said = json.loads((models / FILE).read_text())
        return ProcessId(said["pid"], said["started"]) == process and bool(said["over"])
    except (OSError, ValueError, TypeError, KeyError):
        return False
