"""Find runs: by name, by what they were made from, or the one to show first."""

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from imgcls._utils.files import sha256
from imgcls.architectures.network import Network
from imgcls.networks.weights import BaseWeights, weights_size
from imgcls.paths import DIGITS
from imgcls.presets import PRESETS, is_ablation
from imgcls.runs.files import MODEL, PHASE_1_MODEL, RECORD
from imgcls.runs.identity import experiment_hash
from imgcls.runs.run import BrokenRun, Run, RunError, load_run


def counterpart(models: Path, run: Run) -> Run | None:
    """Return a finished run on the same photos that began where this one did not, or None.

    Beside a pretrained network that is the best one from scratch by validation accuracy, beside one
    from scratch the pretrained one nearest in image size, and then the newest; never a mistake made
    on purpose.
    """
    photos = run.fingerprint
    found = [
        other
        for other in readable(models)
        if other.fingerprint == photos
        and other.status == "finished"
        and starts_from_scratch(other) != starts_from_scratch(run)
        and not is_ablation(other.config)
        and not other.config.left_out_classes
    ]

    def distance(other: Run) -> float:
        if starts_from_scratch(other):  # a weak one would flatter the pretrained network
            return -other.record.history[-1].val_accuracy
        return abs(other.config.image_size - run.config.image_size)

    return min(found, key=distance, default=None)


def leave_out_run(models: Path, run: Run) -> Run | None:
    """Return a finished run like this one but for some classes left out, if there is one."""
    for other in readable(models):
        alike = (
            other.status == "finished"
            and other.config.left_out_classes > 0
            and other.config.image_size == run.config.image_size
            and other.config.architecture == run.config.architecture
            and other.fingerprint == run.fingerprint
        )
        if alike:
            return other
    return None


def find(models: Path, name: str) -> Run:
    """Return the run that somebody means.

    Args:
        models: folder of runs.
        name: its id, the name of its folder, a former id, the name its owner gave it, or its hash,
            whatever stands before that; or its preset, or what it is called without a name. Of
            several with such a one, a recipe as it is in the preset comes first, then photos before
            digits.

    Raises:
        RunError: there is none, with a list of those there are; there are several; or its folder
            cannot be read.
    """
    runs = readable(models)
    hashed = experiment_hash(name)
    ways: tuple[Callable[[Run], bool], ...] = (
        lambda run: run.id == name,
        lambda run: run.path.name == name,
        lambda run: name in run.record.former_ids,
        lambda run: run.record.name == name,
        lambda run: hashed is not None and experiment_hash(run.id) == hashed,
    )
    for way in ways:
        if (found := next(filter(way, runs), None)) is not None:
            return found
    if (models / name / RECORD).exists() and Path(name).name == name:
        return load_run(models / name)
    alike = [run for run in runs if name in (run.title, run.record.preset)]
    alike = [run for run in alike if _is_unchanged(run, run.record.preset)] or alike
    alike = [run for run in alike if run.dataset != DIGITS] or alike
    if len(alike) == 1:
        return alike[0]
    if alike:
        several = ", ".join(f"{run.id} ({run.title}, on {run.dataset})" for run in alike)
        raise RunError(f"{name!r} in {models} may be one of {len(alike)}, give its id: {several}.")
    known = ", ".join(run.id for run in runs) or "none; train one with `python -m imgcls train`"
    raise RunError(f"There is no run {name!r} in {models}. Runs: {known}.")


def of_experiment(models: Path, id: str) -> Run | None:
    """Return the run of the same experiment as this id, whatever stands before its hash."""
    wanted = experiment_hash(id)
    found = (run for run in readable(models) if experiment_hash(run.id) == wanted)
    return next(found, None)


def default(models: Path, preset: str | None = None) -> Run:
    """Return the run that answers when none is named. Raises RunError when there is none.

    Args:
        models: folder of runs.
        preset: only runs of this preset; None for any.

    Of the finished ones that can predict: photos before digits, the whole task before one with
    classes left out or a mistake made on purpose, then 224 px before 160 px before networks from
    scratch, then the newest.
    """
    able = [
        run for run in readable(models) if run.can_predict and preset in (None, run.record.preset)
    ]
    if not able:
        which = f" --preset {preset}" if preset else ""
        raise RunError(
            f"There is no finished run in {models}: train one with `python -m imgcls train{which}`."
        )
    return best(able)


def best(runs: list[Run]) -> Run:
    """Return the one to show first, see `default`; the newest first, of which there is one."""
    # min() keeps the first of equals.
    return min(runs, key=_rank)


def _rank(run: Run) -> tuple[bool, bool, bool, int]:
    config = run.config
    return (
        run.dataset == DIGITS,
        bool(config.left_out_classes) or is_ablation(config),
        config.network.pretrained is None,
        -config.image_size,
    )


def list_runs(models: Path) -> list[Run | BrokenRun]:
    """Return all run folders, the newest first, broken ones last.

    No two have the same id: a copy of a run goes by the name of its folder.
    """
    if not models.is_dir():
        return []
    found: list[Run] = []
    broken: list[BrokenRun] = []
    for path in sorted(models.iterdir()):
        if not path.is_dir() or path.name.startswith("."):
            continue
        try:
            found.append(load_run(path))
        except RunError as error:
            broken.append(BrokenRun(path, str(error)))
    found = _told_apart(found)
    found.sort(key=lambda run: run.record.created, reverse=True)
    return [*found, *broken]


def _told_apart(found: list[Run]) -> list[Run]:
    # Of several, the one whose folder bears an id of its own is the run, the others are copies.
    ordered = sorted(found, key=lambda run: run.path.name not in (run.id, *run.record.former_ids))
    known: set[str] = set()
    apart = []
    for run in ordered:
        id = run.path.name if run.id in known else run.id
        known.add(id)
        apart.append(run if id == run.id else Run(run.path, replace(run.record, id=id)))
    return apart


def readable(models: Path) -> list[Run]:
    """Return the runs that can be read, the newest first."""
    return [run for run in list_runs(models) if isinstance(run, Run)]


def running(models: Path) -> Run | None:
    """Return the run that is being trained, or None."""
    return next((run for run in readable(models) if run.status == "running"), None)


def holder(run: Run) -> str:
    """Return the name of a run that is being trained, with its process, for people."""
    process = run.record.process
    return f"{run.title} (process {process.pid})" if process else run.title


def bases(models: Path, network: Network) -> dict[int, BaseWeights]:
    """Return the frozen bases inside finished runs, by the size that Keras made them for."""
    found: dict[int, BaseWeights] = {}
    for run in readable(models):
        base = run.record.base
        if run.status != "finished" or base is None or run.config.network is not network:
            continue
        # A base that another run has fine-tuned is nobody's idea of pretrained.
        if base.run:
            continue
        size = base.size or weights_size(run.config.image_size, network)
        if size not in found and (model := _whole(run, PHASE_1_MODEL)):
            found[size] = BaseWeights("run", model, base.sha256, base.note)
    return found


def _whole(run: Run, name: str) -> Path | None:
    """Return the path of one of a run's files, or None when it is not kept or damaged."""
    try:
        return run.checked(name)
    except (OSError, RunError):
        return None


def with_tuned_base(models: Path, network: Network) -> list[Run]:
    """Return the finished runs whose fine-tuned base another run of this network can begin with."""
    return [
        run
        for run in readable(models)
        if run.status == "finished"
        and run.record.base is not None
        and run.config.network == network
        and run.file(MODEL).is_file()
    ]


def tuned_base(run: Run) -> BaseWeights:
    """Return the base as a finished run has fine-tuned it, for another run to begin with.

    Raises:
        RunError: the run is not finished, has no pretrained base, or does not keep its model as
            training wrote it.
    """
    path, base = run.file(MODEL), run.record.base
    if run.status != "finished" or base is None:
        raise RunError(
            f"Nothing can start from {run.title}: a finished run with a pretrained base is needed."
        )
    try:
        digest = sha256(run.checked(MODEL))
    except OSError as error:
        raise RunError(
            f"Nothing can start from {run.title}: its {path.name} cannot be read "
            f"({error.strerror}). Train it again: {run.record.command}"
        ) from error
    note = f"fine-tuned by the run {run.title} on {run.dataset}; it began with: {base.note}"
    return BaseWeights("run", path, digest, note, run=run.id)


def newest(models: Path, preset: str, dataset: str) -> Run | None:
    """Return the newest finished run of a preset, unchanged, on a dataset of this name."""
    same = [run for run in readable(models) if run.dataset == dataset]
    return newest_of_presets(same).get(preset)


def newest_on(models: Path, fingerprint: str) -> dict[str, Run]:
    """Return `newest_of_presets` of the runs on the photos of this fingerprint."""
    return newest_of_presets([run for run in readable(models) if run.fingerprint == fingerprint])


def newest_unfinished(models: Path, fingerprint: str) -> Run | None:
    """Return the newest run on these photos that has ended before its last epoch, or None."""
    ended = (run for run in readable(models) if run.status not in ("running", "finished"))
    return next((run for run in ended if run.fingerprint == fingerprint), None)


def newest_of_presets(runs: list[Run]) -> dict[str, Run]:
    """Return the newest finished run of each preset that nobody has changed.

    Args:
        runs: the newest first.

    Returns:
        Name of the preset -> run; presets without one are missing.
    """
    found: dict[str, Run] = {}
    for run in runs:
        if run.status != "finished":
            continue
        for name in PRESETS:
            if _is_unchanged(run, name):
                found.setdefault(name, run)
    return found


def _is_unchanged(run: Run, preset: str) -> bool:
    """Return whether a run's recipe is that of a preset, with nothing set otherwise."""
    config = PRESETS.get(preset)
    return config is not None and run.config == config.for_photos(run.record.data.count("train"))


def starts_from_scratch(run: Run) -> bool:
    """Return whether nothing of the run was pretrained."""
    return run.config.network.pretrained is None
