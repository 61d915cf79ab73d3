"""What run.json says, as types: read once, never changed in place."""

import json
from dataclasses import fields
from math import nan
from typing import Any, Literal

import msgspec

from imgcls._utils.processes import ProcessId
from imgcls.config import TrainConfig
from imgcls.runs.files import PREDICTED
from imgcls.runs.migration import migrated

SCHEMA: Literal[2] = 2
NEAREST_CENTROID: Literal["nearest_centroid"] = "nearest_centroid"
NEAREST_NEIGHBORS: Literal["nearest_neighbors"] = "nearest_neighbors"
Method = Literal["nearest_centroid", "nearest_neighbors"]
Status = Literal["running", "stopped", "failed", "finished"]


class Epoch(msgspec.Struct, frozen=True, kw_only=True):
    """One pass over the training photos.

    Attributes:
        epoch: its number, from 1, counted over the phases.
        phase: number of the phase.
        loss: mean cross-entropy of the training photos while they were learned.
        accuracy: share of them that were right, 0-1.
        val_loss: cross-entropy of the validation photos at the end of the epoch.
        val_accuracy: share of them that are right, 0-1.
        seconds: wall time.
    """

    epoch: int
    phase: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float


class Accuracy(msgspec.Struct, frozen=True, kw_only=True):
    """Share of `n` photos that are right, 0-1, with its 95 % Wilson score interval."""

    accuracy: float
    n: int
    interval: tuple[float, float]


class Scores(Accuracy, frozen=True, kw_only=True):
    """Accuracy and mean cross-entropy on `n` photos."""

    loss: float

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain JSON types."""
        return {**msgspec.structs.asdict(self), "interval": list(self.interval)}


class Baseline(msgspec.Struct, frozen=True, kw_only=True):
    """A classifier that learns no weights, see `imgcls.evaluation.baselines`.

    Attributes:
        method: which one.
        seconds: for learning and answering.
        validation: on the validation photos.
        test: on the test photos.
    """

    method: Method
    seconds: float
    validation: Accuracy
    test: Accuracy


class Timings(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Seconds of wall time by part of the training; 0 for what a run does not have (yet)."""

    features: float = 0.0
    phase1: float = 0.0
    phase2: float = 0.0
    finishing: float = 0.0
    total: float = 0.0

    def plus(self, part: str, seconds: float) -> "Timings":
        """Return them with `seconds` added to a part."""
        return msgspec.structs.replace(self, **{part: getattr(self, part) + seconds})

    def summed(self) -> "Timings":
        """Return them with the total of the parts."""
        parts = self.features + self.phase1 + self.phase2 + self.finishing
        return msgspec.structs.replace(self, total=parts)

    def to_dict(self) -> dict[str, float]:
        """Return the parts that took time, in order."""
        parts = msgspec.structs.asdict(self).items()
        return {part: seconds for part, seconds in parts if seconds}


class Missing(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a finished run cannot have.

    Attributes:
        what: "answers", "map" or "baselines".
        why: a sentence or two for people.
    """

    what: str
    why: str


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Mean and standard deviation of a figure over some photos."""

    mean: float
    deviation: float


class Likeness(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What makes a run's score of features and logits, see `imgcls.inference.likeness`.

    Attributes:
        energy: negative energies of the training photos that the run keeps.
        similarity: of each of these to its nearest ones among the others.
        centroid: of each of these to the nearest mean of a class of the others; None in runs of
            former versions, whose score is of the other two.
        threshold: the score from which a photo counts as of a known class.
        kept: how many of the validation photos that did not fix the threshold reach it.
        asked: how many those are; 0 where so few photos could not be halved.
    """

    energy: Spread
    similarity: Spread
    centroid: Spread | None = None
    threshold: float
    kept: int
    asked: int


class Class(msgspec.Struct, frozen=True, kw_only=True):
    """A class: its folder, and its name in files, tables and addresses."""

    folder: str
    name: str


class Photos(msgspec.Struct, frozen=True, kw_only=True):
    """The photos of a run.

    Attributes:
        name: of the dataset.
        fingerprint: SHA-256 over the photos and their split, see `imgcls.data.manifest`.
        classes: in the order of the labels.
        counts: split -> folder of the class -> number of photos.
        unreadable: files that were left out.
    """

    name: str
    fingerprint: str
    classes: tuple[Class, ...]
    counts: dict[str, dict[str, int]]
    unreadable: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if missing := {"train", *PREDICTED} - set(self.counts):
            raise ValueError(f"no counts of {', '.join(sorted(missing))} photos")

    def count(self, split: str) -> int:
        """Return the number of photos of a split: "train", "validation" or "test"."""
        return sum(self.counts[split].values())


class Base(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The pretrained weights that a run began with, see `imgcls.networks.weights.BaseWeights`."""

    source: str
    sha256: str
    note: str
    run: str | None = None
    size: int | None = None


class Machine(msgspec.Struct, frozen=True, kw_only=True):
    """What a run was trained on; memory in GB."""

    system: str
    processor: str
    cores: int
    memory_gb: int


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One experiment: its recipe, its provenance, its history and its results.

    Attributes:
        schema: version of this format.
        id: see `imgcls.runs.identity`; the folder may be called something else.
        former_ids: those that former versions gave it.
        preset: the recipe it began from.
        name: the name its owner gave it.
        starred: whether somebody marked it as one to find again.
        created: when it began, ISO 8601 with the time zone.
        status: as its process last said, see `imgcls.runs.run.Run.status`.
        process: the one that trains it, while it does.
        command: the command line that asks for it.
        config: the recipe.
        data: the photos.
        base: None when nothing was pretrained.
        versions: of Python and of the packages that make the numbers.
        machine: what it is trained on.
        history: the epochs finished.
        test: the figures on the test photos; None before it is finished.
        timings: how long each part took.
        features_from: "LiteRT", "TensorFlow" or "cache": what gave the frozen layers' features.
        product_type: "float32" or "bfloat16": what the steps of its last phase multiplied matrices
            in, see `imgcls.training.engines.precision`.
        threshold: negative energy from which a photo counts as of a known class.
        likeness: what makes a better score than the negative energy alone; None in runs of former
            versions, and where there is nothing to compare.
        temperature: what the logits are divided by before probabilities are told.
        temperature_interval: its 95 % likelihood interval, see `imgcls.evaluation.calibration`.
        missing: what could not be computed at the end, and why.
        baselines: what the frozen features are worth before any training.
        checksums: file -> SHA-256 of its content, see `imgcls.runs.checksums`; empty in runs of
            former versions.
        error: why it failed.
    """

    schema: Literal[2] = SCHEMA
    id: str
    former_ids: tuple[str, ...] = ()
    preset: str
    name: str | None = None
    starred: bool = False
    created: str
    status: Status
    process: ProcessId | None = None
    command: str
    config: TrainConfig
    data: Photos
    base: Base | None
    versions: dict[str, str]
    machine: Machine
    history: tuple[Epoch, ...] = ()
    test: Scores | None = None
    timings: Timings = Timings()
    features_from: str | None = None
    product_type: Literal["float32", "bfloat16"] = "float32"
    threshold: float | None = None
    likeness: Likeness | None = None
    temperature: float | None = None
    temperature_interval: tuple[float, float] | None = None
    missing: tuple[Missing, ...] = ()
    baselines: tuple[Baseline, ...] = ()
    checksums: dict[str, str] = {}
    error: str | None = None

    def __post_init__(self) -> None:
        results = {"test", "threshold", "temperature"}
        missing = [name for name in sorted(results) if getattr(self, name) is None]
        if self.status == "finished" and missing:
            raise ValueError(f"a finished run has {', '.join(missing)}")

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain JSON types; a loss that is no number is None."""
        text = json.dumps(msgspec.to_builtins(self))
        # Python would write NaN, which is no JSON.
        found: dict[str, Any] = json.loads(text, parse_constant=lambda _: None)
        return found


def parse(content: Any) -> RunRecord:
    """Return what the decoded content of a run.json says, be it of a former version.

    Raises:
        ValueError: a value is missing, or not one that this version knows.
    """
    try:
        content = migrated(content)
    except (KeyError, TypeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    known = {setting.name for setting in fields(TrainConfig)}
    record = msgspec.convert(_with_losses(content), RunRecord)
    if unknown := set(content["config"]) - known:
        raise ValueError(f"settings that this version does not know: {', '.join(sorted(unknown))}")
    return record


def _with_losses(content: Any) -> Any:
    """Return the content with NaN for the losses that a diverged training has none of."""

    def known(scores: dict[str, Any]) -> dict[str, Any]:
        lost = [key for key in ("loss", "val_loss") if key in scores and scores[key] is None]
        return {**scores, **dict.fromkeys(lost, nan)}

    changed = {**content, "history": [known(epoch) for epoch in content.get("history", [])]}
    if content.get("test"):
        changed["test"] = known(content["test"])
    return changed
