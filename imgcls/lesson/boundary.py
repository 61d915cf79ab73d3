"""The freeze boundary: what follows from where it lies, and which runs tried it elsewhere."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from imgcls.architectures.layer import Shape
from imgcls.config import TrainConfig
from imgcls.evaluation.intervals import interval
from imgcls.inference.feature_cache import MAX_BYTES
from imgcls.networks.layers import cut_index, describe, multiply_adds, network_layers
from imgcls.presets import PRESETS
from imgcls.runs.run import Run

BYTES = 2  # of a cached number, a half-precision float


@dataclass(frozen=True)
class Consequences:
    """What a recipe's boundary makes of the network and of the cache.

    Attributes:
        trained: parameters that phase 1 and phase 2 change.
        frozen: parameters that phase 2 leaves as they are.
        cut: name of the layer whose output is cached for phase 2.
        cut_shape: shape of that output.
        bytes_per_photo: size of what is cached, for both phases.
    """

    trained: tuple[int, int]
    frozen: int
    cut: str
    cut_shape: Shape
    bytes_per_photo: int

    def cache_fits(self, photos: int) -> bool:
        """Return whether so many photos fit into the cache, see `training.features.extract`."""
        return self.bytes_per_photo * photos <= MAX_BYTES


def consequences(config: TrainConfig, classes: int = 10) -> Consequences:
    """Return what follows from `config.fine_tune_at`, for a recipe with MobileNetV2."""
    first, second = describe(config, classes)["phases"]
    base = [layer for layer in network_layers(config, classes) if layer.base_index is not None]
    last = base[cut_index(config)]
    pooled = base[-1].output_shape[-1]
    return Consequences(
        trained=(first["trainable_params"], second["trainable_params"]),
        frozen=second["frozen_params"],
        cut=last.name,
        cut_shape=last.output_shape,
        bytes_per_photo=BYTES * (math.prod(last.output_shape) + pooled),
    )


def is_measure(run: Run) -> bool:
    """Return whether the time of a run's phase 2 can be scaled to another boundary."""
    return (
        run.status == "finished"
        and run.config.network.pretrained is not None
        and run.config.engine == "cached"
    )


def phase_two_seconds(measured: Run, config: TrainConfig) -> float:
    """Return an estimate of how long phase 2 takes with another boundary, on the same machine.

    It takes the time to grow like the multiply-adds above the cut, which are computed at each step,
    and like the epochs. Measured on two cores that were busy with other things too: 86 s where
    this says 99 s, from layer 54 on, and 14 s where it says 23 s, from layer 143 on.

    Args:
        measured: a run for which `is_measure` holds.
        config: its recipe with another boundary or number of epochs.
    """
    return measured.record.timings.phase2 * _work(config) / _work(measured.config)


def _work(config: TrainConfig) -> int:
    return multiply_adds(config, cut_index(config) + 1) * config.fine_tune_epochs


@dataclass(frozen=True)
class Effect:
    """What fine-tuning did for a run: validation accuracy before and after phase 2.

    Attributes:
        run: a finished one.
        right: photos that are right at the end of phase 1 and at the end of phase 2.
        photos: validation photos.
    """

    run: Run
    right: tuple[int, int]
    photos: int

    @property
    def intervals(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The 95 % Wilson score intervals of both shares."""
        before, after = self.right
        return interval(before, self.photos), interval(after, self.photos)


def effects(found: Iterable[Run], like: TrainConfig, fingerprint: str) -> list[Effect]:
    """Return what fine-tuning did for comparable runs, from the lowest boundary to the highest.

    Comparable are the finished ones on the same photos whose recipe differs from `like` in nothing
    but the boundary, the size of the photos and the seed.

    Args:
        found: runs.
        like: a recipe.
        fingerprint: of the dataset.
    """
    comparable = [
        run
        for run in found
        if run.status == "finished"
        and run.fingerprint == fingerprint
        and _compared(run.config) == _compared(like)
    ]
    comparable.sort(key=lambda run: (run.config.fine_tune_at, run.config.image_size))
    return [_effect(run) for run in comparable]


def nearest(known: list[Effect], config: TrainConfig) -> Effect | None:
    """Return the one whose boundary is nearest; of several, the one with photos most alike."""

    def distance(effect: Effect) -> tuple[int, int]:
        other = effect.run.config
        return (
            abs(other.fine_tune_at - config.fine_tune_at),
            abs(other.image_size - config.image_size),
        )

    return min(known, key=distance, default=None)


def _compared(config: TrainConfig) -> TrainConfig:
    default = PRESETS["paper"]
    return replace(
        config,
        fine_tune_at=default.fine_tune_at,
        image_size=default.image_size,
        seed=default.seed,
    )


def _effect(run: Run) -> Effect:
    history = run.history
    photos = run.record.data.count("validation")
    before, after = history.groupby("phase")["val_accuracy"].last()
    return Effect(run, (round(before * photos), round(after * photos)), photos)
