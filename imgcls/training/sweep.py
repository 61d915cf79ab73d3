"""Train one recipe with several values of some settings, a run after the other.

The ids of runs are hashes of what they are made from. So a sweep that was stopped or killed is gone
on with by asking for it again, and what was trained before, in whatever way, is not trained twice.
"""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig, with_settings
from imgcls.data.dataset import Dataset
from imgcls.runs import sweeps
from imgcls.runs.events import Event
from imgcls.runs.run import Run
from imgcls.runs.sweeps import Sweep
from imgcls.training.train import planned_id, train


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
    on_run: Callable[[int, int, str], None] = lambda number, total, id: None,
    on_event: Callable[[Event], None] = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> tuple[Sweep, list[Run]]:
    """Train those of the runs that are not finished yet.

    Args:
        configs: the recipes, see `grid`.
        dataset: the photos.
        models: folder of runs.
        preset: name that the runs' ids begin with.
        command: that asks for this once more.
        weights_file: the base's weights, when Keras's are not wanted.
        on_run: called with number, total and id before each run.
        on_event: as of `imgcls.training.train.train`.
        should_stop: as of `train`; the runs after the one that is stopped are not begun.

    Returns:
        What was asked for, and its runs that are finished.

    Raises:
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
        for number, (id, config) in enumerate(by_id.items(), start=1):
            on_run(number, len(by_id), id)
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


def _varied(configs: list[TrainConfig]) -> dict[str, list[sweeps.Value]]:
    values = {
        setting.name: list(dict.fromkeys(getattr(config, setting.name) for config in configs))
        for setting in fields(TrainConfig)
    }
    return {name: several for name, several in values.items() if len(several) > 1}
