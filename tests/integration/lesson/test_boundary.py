from dataclasses import replace
from pathlib import Path

import keras
import pytest

from imgcls.config import with_settings
from imgcls.lesson import boundary
from imgcls.lesson.boundary import consequences, effects, nearest
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from imgcls.training.features import FrozenBase
from tests.support.runs import changed
from tests.support.shipped import SHIPPED, shipped

PAPER = shipped("paper")


def elsewhere(run: Run, **changes: object) -> Run:
    """Return the run as if its recipe had been another one."""
    return changed(run, path=run.path.with_name("other"), settings=changes)


def test_of_the_paper() -> None:
    found = consequences(PRESETS["paper"])
    assert found.trained == (82_634, 1_442_634)
    assert sum((found.trained[1], found.frozen)) == 2_340_618
    assert (found.cut, found.cut_shape) == ("block_13_project_BN", (5, 5, 160))
    assert found.bytes_per_photo == 2 * (5 * 5 * 160 + 1280)
    assert found.cache_fits(13_394)


@pytest.mark.parametrize("at", [9, 60, 130, 153])
def test_what_is_cached_is_what_the_stem_computes(at: int, base_weights: Path) -> None:
    config = with_settings(PRESETS["paper"], ["image_size=32", f"fine_tune_at={at}"])
    base = keras.applications.MobileNetV2(
        input_shape=(32, 32, 3), include_top=False, weights=str(base_weights)
    )
    stem = FrozenBase(base, find_base_weights(32, base_weights), config)
    found = consequences(config)
    assert found.bytes_per_photo == stem.bytes_per_photo
    assert [found.cut_shape, (1280,)] == stem.shapes


def test_near_the_photo_the_cache_overflows() -> None:
    low = replace(PRESETS["paper"], fine_tune_at=9)
    # 80 x 80 feature maps, 16 of them: 207 kB a photo.
    assert consequences(low).bytes_per_photo == 2 * (80 * 80 * 16 + 1280)
    assert not consequences(low).cache_fits(13_394)
    assert consequences(low).cache_fits(9_000)


def test_the_estimate_begins_at_what_was_measured_and_grows_downwards() -> None:
    assert boundary.is_measure(PAPER)
    measured = PAPER.record.timings.phase2
    assert boundary.phase_two_seconds(PAPER, PAPER.config) == measured
    twice = replace(PAPER.config, fine_tune_epochs=6)
    assert boundary.phase_two_seconds(PAPER, twice) == 2 * measured
    times = [
        boundary.phase_two_seconds(PAPER, replace(PAPER.config, fine_tune_at=at))
        for at in range(9, 154)
    ]
    assert times == sorted(times, reverse=True)
    assert times[0] > 2.5 * measured > measured > times[-1] > 0


def test_without_a_second_phase_there_is_nothing_to_scale() -> None:
    assert not boundary.is_measure(shipped("scratch"))


def test_only_runs_that_differ_in_the_boundary_are_compared() -> None:
    lower = elsewhere(PAPER, fine_tune_at=54)
    higher = elsewhere(PAPER, fine_tune_at=140, image_size=96, seed=7)
    found = effects(
        [PAPER, higher, lower, elsewhere(PAPER, dropout=0.5), *SHIPPED],
        PRESETS["paper"],
        PAPER.fingerprint,
    )
    boundaries = [effect.run.config.fine_tune_at for effect in found]
    assert boundaries == sorted(boundaries)
    assert {54, 130, 140} <= set(boundaries)
    kept = {effect.run.id for effect in found}
    assert {PAPER.id, shipped("hires").id} <= kept
    others = ("noise-50", "batch-norm", "scratch", "paper on digits")  # the last: other photos
    assert not kept & {shipped(name).id for name in others}
    assert all(effect.run.config.dropout == 0.2 for effect in found)


def test_the_effect_is_what_the_history_says() -> None:
    (found,) = effects([PAPER], PAPER.config, PAPER.fingerprint)
    assert found.photos == 3_157
    ends = PAPER.history.groupby("phase")["val_accuracy"].last()
    assert [right / found.photos for right in found.right] == pytest.approx(ends.tolist())
    for right, (low, high) in zip(found.right, found.intervals, strict=True):
        assert low < right / found.photos < high


def test_the_nearest_boundary_counts_and_then_the_size_of_the_photos() -> None:
    found = effects(
        [PAPER, elsewhere(PAPER, fine_tune_at=54), shipped("hires")],
        PAPER.config,
        PAPER.fingerprint,
    )

    def taken(at: int, size: int) -> str:
        chosen = nearest(found, replace(PAPER.config, fine_tune_at=at, image_size=size))
        assert chosen is not None
        return chosen.run.id

    assert taken(60, 224) == "other"
    assert taken(125, 224) == shipped("hires").id
    assert taken(125, 160) == PAPER.id
    assert nearest([], PAPER.config) is None
