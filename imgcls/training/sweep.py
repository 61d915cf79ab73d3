"""Train one recipe with several values of some settings, a run after the other or on a cluster.

The ids of runs are hashes of what they are made from. So a sweep that was stopped or killed is gone
on with by asking for it again, and what was trained before, in whatever way, is not trained twice.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from functools import partial
from itertools import product
from pathlib import Path
from socket import gethostname

import filelock

from imgcls._utils import cluster
from imgcls._utils.cluster import ClusterError
from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig, with_settings
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.runs import sweeps
from imgcls.runs.events import Event
from imgcls.runs.run import Run
from imgcls.runs.sweeps import Sweep
from imgcls.training.train import only_one, planned_id, train

CPUS = 2  # of a machine in a cluster, for one run
OnRun = Callable[[int, int, str], None]


def grid(config: TrainConfig, settings: list[str]) -> list[TrainConfig]:
    """Return the recipes that ``key=value,value`` strings make of one, the first setting slowest.

    Raises:
        ConfigError: a key is unknown, or a value or one of the combinations impossible.
    """
    values = []
    for text in settings:
        key, equals, listed = text.partition("=")
        values.append([f"{key}{equals}{value}" for value in listed.split(",")])
    return [with_settings(config, list(chosen)) for chosen in product(*values)]


def sweep(
    configs: list[TrainConfig],
    dataset: Dataset,
    models: Path,
    *,
    preset: str,
    command: str,
    weights_file: Path | None = None,
    on_run: OnRun = lambda number, total, id: None,
    on_event: Callable[[Event], None] = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
    on_cluster: bool = False,
) -> tuple[Sweep, list[Run]]:
    """Train those of the runs that are not finished yet.

    Args:
        configs: the recipes, see `grid`.
        dataset: the photos.
        models: folder of runs.
        preset: name that the runs' ids begin with.
        command: that asks for this once more.
        weights_file: the base's weights, when Keras's are not wanted.
        on_run: called with number, total and id before each run; on a cluster when it has ended.
        on_event: as of `imgcls.training.train.train`; from a cluster come no events.
        should_stop: as of `train`; the runs after the one that is stopped are not begun.
        on_cluster: whether runs are trained side by side by the cluster that was joined, see
            `imgcls._utils.cluster`. Then `models`, the photos and `weights_file` have to be on a
            drive that all its machines have at the same place.

    Returns:
        What was asked for, and its runs that are finished.

    Raises:
        ClusterError: as `imgcls._utils.cluster.map_tasks`.
        As `train`.
    """
    # Two recipes may be one experiment: the engine makes no difference.
    by_id = {
        planned_id(config, dataset, models, preset=preset, weights_file=weights_file): config
        for config in configs
    }
    asked = Sweep(
        preset=preset,
        varied=_varied(list(by_id.values())),
        runs=list(by_id),
        fingerprint=dataset.fingerprint,
        command=command,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        process=ProcessId.of(),
    )
    sweeps.write(models, asked)
    try:
        if on_cluster:
            there = partial(
                _train_there,
                preset=preset,
                location=dataset.location,
                models=models.absolute(),
                weights_file=weights_file.absolute() if weights_file else None,
            )
            _side_by_side(there, by_id, models, on_run, should_stop)
        else:
            for number, (id, config) in enumerate(by_id.items(), start=1):
                on_run(number, len(by_id), id)
                with _nobody_else(models, id):
                    run = train(
                        config,
                        dataset,
                        models,
                        preset=preset,
                        weights_file=weights_file,
                        on_event=on_event,
                        should_stop=should_stop,
                    )
                if run.status != "finished":
                    break
    finally:
        sweeps.write(models, replace(asked, process=None))
    return asked, sweeps.finished(models, asked)


def _side_by_side(
    there: Callable[[tuple[str, TrainConfig]], str],
    by_id: dict[str, TrainConfig],
    models: Path,
    on_run: OnRun,
    should_stop: Callable[[], bool],
) -> None:
    with only_one(models):
        trained = cluster.map_tasks(there, by_id.items(), cpus=CPUS, should_stop=should_stop)
        for number, id in enumerate(trained, start=1):
            on_run(number, len(by_id), id)


def _train_there(
    asked: tuple[str, TrainConfig],
    *,
    preset: str,
    location: str,
    models: Path,
    weights_file: Path | None,
) -> str:
    """Train one run on the machine that this is called on, and return its id."""
    id, config = asked
    dataset = open_dataset(location)
    planned = planned_id(config, dataset, models, preset=preset, weights_file=weights_file)
    if planned != id:
        raise ClusterError(
            f"The machine {gethostname()} would train {planned} instead of {id}: it finds other "
            f"photos at {location}, or other base weights. Give the weights with --weights, from a "
            "drive that every machine of the cluster has at the same place."
        )
    with _nobody_else(models, id):
        train(config, dataset, models, preset=preset, weights_file=weights_file, held=True)
    return id


def _nobody_else(models: Path, id: str) -> filelock.BaseFileLock:
    """Return a lock that waits for whoever trains this run.

    A machine that the cluster has lost, or one whose command was killed, may not know it yet.
    """
    return filelock.FileLock(models / sweeps.FOLDER / f"{id}.lock")


def _varied(configs: list[TrainConfig]) -> dict[str, list[sweeps.Value]]:
    values = {
        setting.name: list(dict.fromkeys(getattr(config, setting.name) for config in configs))
        for setting in fields(TrainConfig)
    }
    return {name: several for name, several in values.items() if len(several) > 1}
