"""Ask for a run: find what it needs, load it when it exists, train it when it does not."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import filelock

from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig
from imgcls.data.dataset import Dataset
from imgcls.data.variants import divide
from imgcls.errors import ImgclsError
from imgcls.networks.weights import BaseWeights, find_base_weights, find_local_weights
from imgcls.runs import manage, provenance, store
from imgcls.runs.events import Event
from imgcls.runs.identity import run_id
from imgcls.runs.record import RunRecord
from imgcls.runs.run import Run, load_run, update, write_run
from imgcls.training import stage


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
    start_from: Run | None = None,
    resume: Run | None = None,
    held: bool = False,
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
        start_from: a finished run whose fine-tuned base takes the place of pretrained weights.
        resume: the run that must come out of this, instead of a new one.
        held: whether somebody has called `only_one` for this training and for others beside it.
        on_event: called with each event, see `imgcls.runs.events`.
        should_stop: asked after every few steps; True stops.

    Returns:
        The run; its status is finished, or stopped when `should_stop` returned True.

    Raises:
        TrainingError: another training holds the folder, or `resume` was begun with other photos,
            settings or weights.
        RunError: `start_from` does not keep its base, another run has the name already, or the
            run's folder is broken.
        BaseWeightsError: no weights for the base.
        ConfigError: the cached engine cannot serve this recipe, or it leaves too few classes.
    """
    start_from = start_from or _started_from(models, resume)
    if start_from is not None:
        _require_base(config, start_from, weights_file)
    find = partial(find_base_weights, weights_file=weights_file)
    config, weights = made_from(config, dataset, models, start_from, find)
    if resume is not None:
        _require_same(resume, config, dataset, weights)
    id = _id(preset, config, dataset, weights)
    models.mkdir(parents=True, exist_ok=True)
    with nullcontext() if held else only_one(models):
        run = resume or store.of_experiment(models, id)
        name = manage.free_name(models, name or "", own=run.id if run else None)
        if run is None:
            record = _new_record(config, dataset, weights, preset, name)
            run = Run(_new_folder(models, id), record)
            write_run(run)
        elif name and name != run.record.name:
            run = update(run, name=name)
        if run.status == "finished":
            return run
        from imgcls.training.trainer import Trainer

        return Trainer(run, dataset, weights, on_event, should_stop).run_to_the_end()


def find_run(
    config: TrainConfig,
    dataset: Dataset,
    models: Path,
    *,
    preset: str,
    start_from: Run | None = None,
) -> Run | None:
    """Return the run of this very experiment if there is one, finished or not.

    Looks only at what is on this machine: when the base weights would have to be downloaded first,
    the experiment cannot have been run here. Arguments as of `train`.

    Raises:
        RunError: `start_from` does not keep its base.
    """
    config, weights = made_from(config, dataset, models, start_from, find_local_weights)
    if weights is None and config.network.pretrained is not None:
        return None
    return store.of_experiment(models, _id(preset, config, dataset, weights))


def with_new_seed(
    config: TrainConfig,
    dataset: Dataset,
    models: Path,
    *,
    preset: str,
    start_from: Run | None = None,
) -> TrainConfig:
    """Return the recipe with the first seed, from its own on, that no finished run of it has.

    Looks only at what is on this machine, as `find_run`. Arguments as of `train`.
    """
    while True:
        run = find_run(config, dataset, models, preset=preset, start_from=start_from)
        if run is None or run.status != "finished":
            return config
        config = replace(config, seed=config.seed + 1)


def planned_id(
    config: TrainConfig,
    dataset: Dataset,
    models: Path,
    *,
    preset: str,
    weights_file: Path | None = None,
) -> str:
    """Return the id of the run that `train` would return. Arguments and errors as of `train`."""
    find = partial(find_base_weights, weights_file=weights_file)
    config, weights = made_from(config, dataset, models, None, find)
    return _id(preset, config, dataset, weights)


def made_from(
    config: TrainConfig,
    dataset: Dataset,
    models: Path,
    start_from: Run | None,
    find: Callable[..., BaseWeights | None],
) -> tuple[TrainConfig, BaseWeights | None]:
    """Return the recipe for so many photos, and the base weights, if there are any.

    Args:
        config: the recipe.
        dataset: the photos.
        models: folder of runs.
        start_from: the run whose fine-tuned base takes the place of pretrained weights.
        find: finds those, such as `find_local_weights`.
    """
    config = config.for_photos(len(dataset.split("train")))
    network = config.network
    if start_from is not None:
        return config, store.tuned_base(start_from)
    if network.pretrained is None:
        return config, None
    in_runs = store.bases(models, network)
    return config, find(config.image_size, in_runs=in_runs, network=network)


def _started_from(models: Path, resume: Run | None) -> Run | None:
    """Return the run that an unfinished one began with, if it began with one."""
    base = resume.record.base if resume is not None else None
    return store.find(models, base.run) if base is not None and base.run else None


def _require_base(config: TrainConfig, start_from: Run, weights_file: Path | None) -> None:
    """Raise TrainingError unless the network has a base that can be taken from that run."""
    if weights_file is not None:
        raise TrainingError(
            f"Received base weights of the run {start_from.title} and of the file {weights_file}: "
            "give --start-from or --weights, not both."
        )
    if config.architecture != start_from.config.architecture or not config.network.pretrained:
        raise TrainingError(
            f"{start_from.title} is a {start_from.config.architecture}, from which a "
            f"{config.architecture} cannot start: name a run with the same pretrained base."
        )


def _id(preset: str, config: TrainConfig, dataset: Dataset, weights: BaseWeights | None) -> str:
    return run_id(preset, config, dataset.fingerprint, weights.sha256 if weights else None)


def _new_folder(models: Path, id: str) -> Path:
    path = models / id
    if path.exists():
        found = load_run(path)  # raises when it is broken, and says why
        raise TrainingError(f"{path} holds another run, {found.title}: rename that folder.")
    return path


def _require_same(
    run: Run, config: TrainConfig, dataset: Dataset, weights: BaseWeights | None
) -> None:
    """Raise TrainingError unless a run was begun with all of these."""
    begun = f"{run.title} was begun with"
    if run.fingerprint != dataset.fingerprint:
        raise TrainingError(
            f"{begun} other photos, of {run.dataset} (fingerprint {run.fingerprint[:12]}), than "
            f"those in {dataset.root} ({dataset.fingerprint[:12]}): give its own with --data."
        )
    before, now = run.config.experiment(), config.experiment()
    defaults = TrainConfig().to_dict()
    for name in sorted(before.keys() | now.keys()):
        was, received = before.get(name, defaults[name]), now.get(name, defaults[name])
        if was != received:
            raise TrainingError(
                f"{begun} {name}={was}, received {name}={received}: a run keeps its recipe. Leave "
                "the setting out to resume it, or leave out --resume to train another run."
            )
    base, sha256 = run.record.base, weights.sha256 if weights else None
    if base is not None and base.sha256 != sha256:
        raise TrainingError(
            f"{begun} other base weights (SHA-256 {base.sha256[:12]}: {base.note}) than those "
            f"found now ({(sha256 or 'none')[:12]}): give its own with --weights."
        )


@contextmanager
def only_one(models: Path) -> Iterator[None]:
    """Let no other training begin in a folder of runs. Raises TrainingError when one goes on."""
    lock = filelock.FileLock(models / ".training.lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        run = store.running(models)
        who = store.holder(run) if run else "a run that is about to begin"
        raise TrainingError(
            f"One training at a time: {models} is held by {who}. Wait for it or stop it."
        ) from None
    stage.write(models, over=False)
    try:
        yield
    finally:
        stage.write(models, over=True)
        lock.release()


def _new_record(
    config: TrainConfig,
    dataset: Dataset,
    weights: BaseWeights | None,
    preset: str,
    name: str | None,
) -> RunRecord:
    return RunRecord(
        id=_id(preset, config, dataset, weights),
        preset=preset,
        name=name,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        status="running",
        process=ProcessId.of(),
        command=provenance.command(preset, config, dataset, weights),
        config=config,
        data=provenance.photos(divide(dataset, config.left_out_classes)[0]),
        base=provenance.base(weights),
        versions=provenance.versions(),
        machine=provenance.machine(),
    )
