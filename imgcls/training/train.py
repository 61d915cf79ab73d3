"""Ask for a run: find what it needs, load it when it exists, train it when it does not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import filelock

from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.data.variants import divide
from imgcls.errors import ImgclsError
from imgcls.networks.weights import BaseWeights, find_base_weights, find_local_weights
from imgcls.runs import provenance, store
from imgcls.runs.events import Event
from imgcls.runs.record import RunRecord
from imgcls.runs.run import Run, RunError, load_run, new_run_id, update, write_run


class TrainingError(ImgclsError):
    """Training that cannot begin; the message is for people."""


def train(
    config: TrainConfig,
    dataset: Dataset,
    models: Path,
    *,
    preset: str,
    name: str | None = None,
    weights_file: Path | None = None,
    resume: Run | None = None,
    on_event: Callable[[Event], None] = lambda event: None,
    should_stop: Callable[[], bool] = lambda: False,
) -> Run:
    """Train, or load the run when the same experiment has been finished before.

    An unfinished run of the same experiment is continued from its last checkpoint, and its history
    becomes the one of a run that was never interrupted.

    Args:
        config: the recipe.
        dataset: the photos.
        models: folder of runs.
        preset: name that the run's id begins with.
        name: a name for people; a run that exists takes it too.
        weights_file: the base's weights, when Keras's are not wanted.
        resume: the run that must come out of this, instead of a new one.
        on_event: called with each event, see `imgcls.runs.events`.
        should_stop: asked after every few steps; True stops.

    Returns:
        The run; its status is finished, or stopped when `should_stop` returned True.

    Raises:
        TrainingError: another training holds the folder, or `resume` was begun with other photos
            or weights.
        BaseWeightsError: no weights for the base.
        ConfigError: the cached engine cannot serve this recipe.
        DatasetError: too few classes are left to learn.
    """
    weights = None
    if config.architecture == "mobilenet_v2":
        fallback = store.shipped_base(models, config.image_size)
        weights = find_base_weights(config.image_size, weights_file, fallback)
    run_id = new_run_id(preset, config, dataset.fingerprint, weights)
    if resume is not None and resume.id != run_id:
        raise TrainingError(
            f"{resume.id} was begun with other photos or base weights than those found now "
            f"(they make {run_id}): give the same with --data and --weights."
        )
    models.mkdir(parents=True, exist_ok=True)
    with _only_one(models):
        if (models / run_id).exists():
            run = load_run(models / run_id)
        else:
            run = Run(models / run_id, _new_record(config, dataset, weights, preset, name))
            write_run(run)
        if name and name != run.record.name:
            run = update(run, name=name)
        if run.status == "finished":
            return run
        from imgcls.training.trainer import Trainer

        return Trainer(run, dataset, weights, on_event, should_stop).run_to_the_end()


def find_run(config: TrainConfig, dataset: Dataset, models: Path, *, preset: str) -> Run | None:
    """Return the run of this very experiment if there is one, finished or not.

    Looks only at what is on this machine: when the base weights would have to be downloaded first,
    the experiment cannot have been run here.
    """
    weights = None
    if config.architecture == "mobilenet_v2":
        weights = find_local_weights(config.image_size) or store.shipped_base(
            models, config.image_size
        )
        if weights is None:
            return None
    path = models / new_run_id(preset, config, dataset.fingerprint, weights)
    try:
        return load_run(path)
    except RunError:
        return None


@contextmanager
def _only_one(models: Path) -> Iterator[None]:
    lock = filelock.FileLock(models / ".training.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        run = store.running(models)
        who = store.holder(run) if run else "a run that is about to begin"
        raise TrainingError(
            f"One training at a time: {models} is held by {who}. Wait for it or stop it."
        ) from None
    try:
        yield
    finally:
        lock.release()


def _new_record(
    config: TrainConfig,
    dataset: Dataset,
    weights: BaseWeights | None,
    preset: str,
    name: str | None,
) -> RunRecord:
    return RunRecord(
        preset=preset,
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        status="running",
        process=ProcessId.of(),
        command=provenance.command(preset, config, dataset),
        config=config,
        data=provenance.photos(divide(dataset, config.left_out_classes)[0]),
        base=provenance.base(weights),
        versions=provenance.versions(),
        machine=provenance.machine(),
    )
