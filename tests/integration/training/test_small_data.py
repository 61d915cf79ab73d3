"""What the preset `small-data` adds: views, a head that starts well, weights of classes, steps."""

import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from imgcls.architectures.registry import NETWORKS
from imgcls.config import ConfigError, with_settings
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation.own_photos import instant
from imgcls.networks.build import build_base, build_model
from imgcls.networks.weights import find_base_weights
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.events import TrainingStep
from imgcls.runs.run import Run, RunError
from imgcls.training.engines.base import class_weights
from imgcls.training.engines.cached import CachedEngine
from imgcls.training.features import Features, FrozenBase, extract, row_labels
from imgcls.training.head_start import start_head
from imgcls.training.train import TrainingError, find_run, train
from tests.support.datasets import TINY

CONFIG = with_settings(
    PRESETS["small-data"],
    ["image_size=32", "batch_size=16", "steps_per_phase=10", "views=3", "class_weights=balanced"],
)


@pytest.fixture(scope="module")
def dataset(drawn_photos: Path) -> Dataset:
    return open_dataset(drawn_photos)


@pytest.fixture(scope="module")
def lab(base_weights: Path, dataset: Dataset) -> tuple[FrozenBase, Features]:
    weights = find_base_weights(32, base_weights)
    frozen = FrozenBase(build_base(32, weights), weights, CONFIG)
    return frozen, extract(frozen, dataset, lambda done, total: None, views=3)


def test_the_views_of_training_photos_lie_behind_the_photos(
    lab: tuple[FrozenBase, Features], dataset: Dataset
) -> None:
    frozen, features = lab
    training = np.flatnonzero(dataset.table["split"] == "train")
    photos = len(dataset.table)
    assert features.view_rows.shape == (3, len(training))
    assert np.array_equal(features.view_rows[0], training)
    assert sorted(features.view_rows[1:].ravel()) == list(range(photos, len(features.cut)))
    row = dataset.table.iloc[training[5]]
    pixels = dataset.read_view(row["file"], 32, 2, key=row["digest"])
    _, expected = frozen(pixels[np.newaxis].astype(np.float32))
    found = features.pooled[features.view_rows[2, 5]]
    assert found == pytest.approx(expected.numpy()[0], abs=2e-2)
    labels = row_labels(features, dataset)
    assert set(labels[features.view_rows[:, 5]]) == {row["label"]}


def test_views_are_computed_once_and_photos_are_shared_with_other_recipes(
    lab: tuple[FrozenBase, Features], dataset: Dataset
) -> None:
    frozen, features = lab
    again = extract(frozen, dataset, lambda done, total: None, views=3)
    assert again.backend == "cache"
    assert np.array_equal(again.cut, features.cut)
    plain = extract(frozen, dataset, lambda done, total: None)
    assert plain.backend == "cache"
    assert np.array_equal(plain.pooled, features.pooled[: len(dataset.table)])


def test_each_epoch_shows_each_photo_once_and_in_other_views(
    lab: tuple[FrozenBase, Features],
) -> None:
    _, features = lab
    place = {row: at for at, row in np.ndenumerate(features.view_rows)}
    epochs = [[place[row] for row in features.order(1, epoch)] for epoch in (1, 2)]
    for epoch in epochs:
        assert sorted(photo for _, photo in epoch) == list(range(features.view_rows.shape[1]))
        assert {view for view, _ in epoch} == {0, 1, 2}
    assert epochs[0] != epochs[1]
    assert features.order(1, 1).tolist() == features.order(1, 1).tolist()


def test_the_head_starts_with_the_answers_of_logistic_regression(
    lab: tuple[FrozenBase, Features], dataset: Dataset, base_weights: Path
) -> None:
    _, features = lab
    base = build_base(32, find_base_weights(32, base_weights))
    model = build_model(CONFIG, len(dataset.classes), base)
    start_head(model, features, dataset, CONFIG)
    engine = CachedEngine(model, features, dataset, CONFIG)
    engine.start_phase(CONFIG.phases[0])
    held_out = np.flatnonzero(dataset.table["split"] != "train")
    learned = features.view_rows.ravel()
    regression = instant.fit(
        features.pooled[learned].astype(np.float32),
        row_labels(features, dataset)[learned],
        dataset.classes,
        np.full(len(learned), 1 / 3),
    )
    asked = features.pooled[held_out].astype(np.float32)
    expected = asked @ regression.kernel + regression.bias
    assert engine.logits(engine.pooled(held_out)) == pytest.approx(expected, abs=1e-2)
    few_units = with_settings(CONFIG, ["dense_units=2"])
    with pytest.raises(ConfigError, match="dense_units"):
        start_head(build_model(few_units, 3, base), features, dataset, CONFIG)


def test_the_classes_count_alike() -> None:
    labels = np.array([0, 0, 0, 1])
    weights = class_weights(labels)
    assert weights == pytest.approx([4 / 6, 2])
    assert weights[labels].sum() == pytest.approx(len(labels))


def test_a_run_starts_from_another_ones_base_and_says_so(
    finished: Run, dataset: Dataset, tmp_path: Path
) -> None:
    models = tmp_path / "models"
    models.mkdir()
    shutil.copytree(finished.path, models / finished.path.name)
    first = store.find(models, finished.id)
    seen: list[object] = []
    stopped = train(
        CONFIG,
        dataset,
        models,
        preset="small-data",
        start_from=first,
        on_event=seen.append,
        should_stop=lambda: isinstance(seen[-1], TrainingStep),
    )
    assert stopped.status == "stopped"
    base = stopped.record.base
    assert base is not None
    assert base.run == first.id
    assert f"fine-tuned by the run {first.title}" in base.note
    assert f"--start-from {first.id}" in stopped.record.command
    run = train(stopped.config, dataset, models, preset="small-data", resume=stopped)
    assert run.status == "finished"
    assert run.history["phase"].tolist() == [1, 1, 2, 2]
    asked = partial(find_run, CONFIG, dataset, models, preset="small-data")
    found = asked(start_from=first)
    assert found is not None
    assert found.id == run.id != getattr(asked(), "id", None)
    # What others take for pretrained is still the file that the first one began with.
    assert first.record.base is not None
    pretrained = store.bases(models, NETWORKS["mobilenet_v2"]).get(224)
    assert pretrained is not None
    assert pretrained.sha256 == first.record.base.sha256 != base.sha256
    with pytest.raises(TrainingError, match="not both"):
        train(CONFIG, dataset, models, preset="paper", start_from=run, weights_file=tmp_path)
    with pytest.raises(TrainingError, match="cannot start"):
        train(PRESETS["scratch"], dataset, models, preset="scratch", start_from=run)
    run.file("model.keras").unlink()
    with pytest.raises(RunError, match="cannot be read"):
        train(with_settings(CONFIG, TINY), dataset, models, preset="paper", start_from=run)
