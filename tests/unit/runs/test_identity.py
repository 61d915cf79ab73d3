"""Ids: of the experiment and of nothing else, and the same in later versions."""

import dataclasses
from typing import Any

import pytest

from imgcls._utils.settings import setting
from imgcls.config import TrainConfig, with_settings
from imgcls.presets import PRESETS
from imgcls.runs.identity import experiment_hash, run_id

FROM_SCRATCH = ["architecture=small_cnn", "fine_tune_epochs=0", "engine=plain"]
OTHER_VALUES = {
    "class_weights": ["class_weights=balanced"],
    "head_start": ["head_start=logistic"],
    "architecture": FROM_SCRATCH,
    "augmentation": [*FROM_SCRATCH, "augmentation=crops"],
    "weight_decay": [*FROM_SCRATCH, "weight_decay=0.1"],
    "schedule": [*FROM_SCRATCH, "schedule=one-cycle"],
    "activation": ["activation=softmax"],
    "batch_norm": ["batch_norm=training"],
}
PAPER = PRESETS["paper"]


@pytest.mark.parametrize("name", sorted(set(TrainConfig.__dataclass_fields__) - {"engine"}))
def test_id_differs_with_every_setting(name: str) -> None:
    value = getattr(PAPER, name)
    step = 32 if name == "image_size" else 1
    other = OTHER_VALUES.get(name) or [
        f"{name}={value / 2 if isinstance(value, float) else value + step}"
    ]
    changed = with_settings(PAPER, other)
    assert getattr(changed, name) != value
    assert run_id("paper", changed, "f", "00ff") != run_id("paper", PAPER, "f", "00ff")


def test_id_differs_with_photos_and_base() -> None:
    ids = {
        run_id("paper", PAPER, photos, base)
        for photos, base in (("f", "00ff"), ("g", "00ff"), ("f", "00fe"), ("f", None))
    }
    assert len({experiment_hash(id) for id in ids}) == 4


def test_id_is_of_nothing_else() -> None:
    known = run_id("paper", PAPER, "f", "00ff")
    # The preset is for people, and the engine decides only how fast the same figures come.
    assert run_id("mine", PAPER, "f", "00ff") == known.replace("paper", "mine")
    plain = with_settings(PAPER, ["engine=plain"])
    assert run_id("paper", plain, "f", "00ff") == known
    assert run_id("paper", TrainConfig(dropout=0.5), "f", None) == run_id(
        "paper", with_settings(PAPER, ["dropout=0.50"]), "f", None
    )


def test_a_later_setting_at_its_default_changes_no_id() -> None:
    later = dataclasses.make_dataclass(
        "Later",
        [("mixup", float, setting(0.0, "Mixed photos.", at_least=0.0, at_most=1.0))],
        bases=(TrainConfig,),
        frozen=True,
    )
    without: dict[str, Any] = {}
    for changes in (without, {"dropout": 0.5}):
        known = run_id("paper", TrainConfig(**changes), "f", "00ff")
        assert run_id("paper", later(**changes), "f", "00ff") == known
        assert run_id("paper", later(**changes, mixup=0.5), "f", "00ff") != known


def test_ids_stay_as_they_are() -> None:
    """Who changes this has changed the id of every run there is."""
    assert run_id("paper", PAPER, "f", "00ff") == "paper-bc5826f0"
    changed = with_settings(PRESETS["scratch"], ["seed=7", "learning_rate=0.002"])
    assert run_id("scratch", changed, "f", None) == "scratch-20080c93"


@pytest.mark.parametrize(
    ("id", "hash"),
    [
        ("paper-0123abcd", "0123abcd"),
        ("batch-norm-0123abcd", "0123abcd"),
        ("0123abcd", "0123abcd"),
        ("paper", None),
        ("paper-0123ABCD", None),
        ("paper0123abcd", None),
        ("", None),
    ],
)
def test_hash_in_an_id(id: str, hash: str | None) -> None:
    assert experiment_hash(id) == hash
