"""Sweeps: one recipe with several values of some settings, and the runs that come of it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import msgspec

from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId
from imgcls.runs import store
from imgcls.runs.identity import experiment_hash
from imgcls.runs.run import Run

FOLDER = ".sweeps"
Value = int | float | str
Varied = Mapping[str, Sequence[Value]]


@dataclass(frozen=True)
class Sweep:
    """What was asked for. It holds no results: those are in the runs.

    Attributes:
        preset: name that the ids of its runs begin with.
        varied: each setting of which there are several values, with these.
        runs: ids of its runs, in the order in which they are trained.
        fingerprint: of the photos.
        command: that makes it, or goes on with it.
        created: when this was last asked for, ISO 8601.
        process: that does it; None when it has ended.
    """

    preset: str
    varied: dict[str, list[Value]]
    runs: list[str]
    fingerprint: str
    command: str
    created: str
    process: ProcessId | None

    @property
    def id(self) -> str:
        """The preset's name with a short hash over the experiments."""
        experiments = " ".join(sorted(experiment_hash(id) or id for id in self.runs))
        return f"{self.preset}-{hashlib.sha256(experiments.encode()).hexdigest()[:8]}"


def write(models: Path, sweep: Sweep) -> None:
    """Keep what was asked for; when it was asked for before, this takes its place. Raises OSError.

    Args:
        models: folder of runs.
        sweep: the sweep.
    """
    write_json(models / FOLDER / f"{sweep.id}.json", asdict(sweep))


def known(models: Path) -> list[Sweep]:
    """Return the sweeps that can be read, the newest first."""
    found = []
    for path in (models / FOLDER).glob("*.json"):
        try:
            found.append(msgspec.json.decode(path.read_bytes(), type=Sweep))
        except (OSError, ValueError):
            continue  # it holds no results; its command makes it again
    return sorted(found, key=lambda sweep: sweep.created, reverse=True)


def under_way(models: Path) -> Sweep | None:
    """Return the sweep that a process is doing, or None."""
    for sweep in known(models):
        if sweep.process is not None and sweep.process.find() is not None:
            return sweep
    return None


def finished(models: Path, sweep: Sweep) -> list[Run]:
    """Return those of its runs that are finished, in its order."""
    by_experiment = {experiment_hash(run.id): run for run in store.readable(models)}
    found = [by_experiment.get(experiment_hash(id)) for id in sweep.runs]
    return [run for run in found if run is not None and run.status == "finished"]


def of_run(models: Path, run: Run) -> list[Sweep]:
    """Return the sweeps that a run belongs to, the newest first."""
    hashed = experiment_hash(run.id)
    return [sweep for sweep in known(models) if hashed in map(experiment_hash, sweep.runs)]
