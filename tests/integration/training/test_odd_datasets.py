"""What `data inspect` accepts, training accepts; what it refuses is refused before it begins."""

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from imgcls.config import with_settings
from imgcls.data.dataset import open_dataset
from imgcls.data.inspection import inspect_dataset
from imgcls.data.splits import SPLITS
from imgcls.errors import DatasetError
from imgcls.inference.predictor import Predictor
from imgcls.presets import PRESETS
from imgcls.runs.run import Run, RunError, load_run
from imgcls.training.checkpoint import load_checkpoint
from imgcls.training.train import train
from tests.support.datasets import TINY

QUICK = ["image_size=32", "initial_epochs=1", "batch_size=512"]
NAMES = ["cat", "犬", "train", "1", "v1.2", "a b", "*a*", "café", "Test", "-dash", "x" * 60]
PARTS = st.sampled_from(
    [
        ("",),
        ("train", "val"),
        ("Train", "VALID"),
        ("training_set", "test_set"),
        ("train", "validation", "test"),
        ("train",),
        ("val", "test"),
    ]
)
JUNK = ["__MACOSX/x.png", "Thumbs.db", "@eaDir/y.png", ".hidden.png", "notes.txt", "empty.jpg"]
# Names below a class folder: photos lie at any depth.
PHOTOS = st.lists(
    st.sampled_from(["0.png", "1.png", "deep/2.png", "deep/er/3.png", "4.jpg/5.png", "六.png"]),
    unique=True,
    max_size=4,
)
CLASSES = st.dictionaries(st.sampled_from(NAMES), PHOTOS, min_size=1, max_size=3)
TREES = st.builds(
    lambda wrapper, parts, junk, classes: (
        {
            f"{wrapper}{part}{'/' if part else ''}{name}/{photo}"
            for part in parts
            for name, photos in classes.items()
            for photo in photos
        },
        {f"{wrapper}{part}{'/' if part else ''}{file}" for part in parts for file in junk},
    ),
    st.sampled_from(["", "around/"]),
    PARTS,
    st.lists(st.sampled_from(JUNK), unique=True, max_size=3),
    CLASSES,
)
Tree = tuple[set[str], set[str]]


def build(root: Path, tree: Tree) -> Path:
    """Write a dataset's photos, no two alike, and the files between them that are none."""
    photos, junk = tree
    for place, file in enumerate(sorted(photos)):
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        value = np.full((8, 8, 3), place % 256, np.uint8)
        value[0, 0] = place // 256
        Image.fromarray(value).save(path)
    for file in junk:
        (root / file).parent.mkdir(parents=True, exist_ok=True)
        (root / file).write_bytes(b"" if file.endswith("jpg") else b"no photo")
    return root


def begins(root: Path, models: Path) -> bool:
    """Return whether training begins; it is stopped at the first step."""
    stopped = train(
        with_settings(PRESETS["scratch"], QUICK),
        open_dataset(root),
        models,
        preset="scratch",
        should_stop=lambda: True,
    )
    return stopped.status == "stopped"


def accepted(root: Path, tree: Tree) -> bool:
    """Check what is said of a dataset, and return whether it is one."""
    refused, dataset = "", None
    try:
        dataset = open_dataset(root)
    except DatasetError as error:
        refused = str(error)
    if dataset is None:
        assert refused.endswith(".")
        assert "\n" not in refused
        return False
    found = inspect_dataset(dataset)
    assert sum(found["counts"].values()) == len(tree[0])
    assert all(found["counts"][split] > 0 for split in SPLITS)
    assert all(entry["counts"]["train"] > 0 for entry in found["classes"])
    named = {row["file"].rpartition("/")[2] for row in found["unreadable"]}
    assert named <= {"notes.txt", "empty.jpg"}
    assert dataset.fingerprint == open_dataset(root).fingerprint
    return True


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=TREES)
def test_any_tree_is_a_dataset_with_all_splits_or_refused_in_a_sentence(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    accepted(build(tmp_path_factory.mktemp("tree"), tree), tree)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=TREES)
def test_what_is_inspected_is_trained_and_what_is_refused_is_refused_alike(
    tree: Tree, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    root = build(folder / "data", tree) if tree[0] else folder
    if accepted(root, tree):
        assert begins(root, folder / "models")
    else:
        with pytest.raises(DatasetError):
            begins(root, folder / "models")
        assert not (folder / "models").exists()


def two_of_two(root: Path) -> None:
    build(root, ({"cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png"}, set()))


def blank(root: Path) -> None:
    for name in ("cat", "dog"):
        for number in range(6):
            (root / name).mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (9 + number, 9), "white").save(root / name / f"{number}.png")


@pytest.mark.parametrize("draw", [two_of_two, blank])
def test_the_smallest_and_the_emptiest_datasets_are_trained_to_the_end(
    draw: Callable[[Path], None], tmp_path: Path, base_weights: Path
) -> None:
    draw(tmp_path / "data")
    run = finished_run(tmp_path, base_weights)
    assert run.status == "finished"
    assert run.test.n >= 1
    low, high = run.test.interval
    assert high - low > 0.5
    assert not run.no_answers
    answer = Predictor(run).predict(next((tmp_path / "data").rglob("*.png")))
    photos = run.record.data.count("validation")
    assert answer.probability <= (photos + 1) / (photos + 2)
    assert {missing.what for missing in run.record.missing} <= {"map", "baselines"}
    assert ("map" in {missing.what for missing in run.record.missing}) == (draw is blank)


def test_a_training_that_diverged_is_finished_with_what_can_be_said(
    tmp_path: Path, drawn_photos: Path
) -> None:
    stopped = scratch(tmp_path, drawn_photos, should_stop=lambda: True)
    saved = load_checkpoint(stopped.path)
    assert saved is not None
    # As after a step that was too large: all that is learned from here on is no number.
    lost = [value * np.nan if value.dtype == np.float32 else value for value in saved.values]
    dataclasses.replace(saved, values=lost).save(stopped.path)

    run = load_run(scratch(tmp_path, drawn_photos).path)
    assert run.status == "finished"
    json.loads((run.path / "run.json").read_text(), parse_constant=pytest.fail)
    assert math.isnan(run.test.loss)
    assert run.history["val_loss"].isna().all()
    assert {missing.what for missing in run.record.missing} == {"answers", "map"}
    assert not run.can_predict
    with pytest.raises(RunError, match="outputs are no numbers: the training has diverged"):
        Predictor(run)
    assert np.isfinite(np.stack(run.predictions()["probabilities"].to_list())).all()


def scratch(folder: Path, data: Path, **options: Any) -> Run:
    """Train the small CNN for an epoch."""
    return train(
        with_settings(PRESETS["scratch"], [*QUICK, "batch_size=64"]),
        open_dataset(data),
        folder / "models",
        preset="scratch",
        **options,
    )


def finished_run(folder: Path, weights: Path) -> Run:
    """Train on `data` in a folder, and return the run as it is read again."""
    run = train(
        with_settings(PRESETS["paper"], [*TINY, "initial_epochs=1", "fine_tune_epochs=1"]),
        open_dataset(folder / "data"),
        folder / "models",
        preset="paper",
        weights_file=weights,
    )
    return load_run(run.path)
