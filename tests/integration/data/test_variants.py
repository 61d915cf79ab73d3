from pathlib import Path

import pytest

from imgcls.config import with_settings
from imgcls.data.dataset import open_dataset
from imgcls.data.ood import LEFT_OUT
from imgcls.data.variants import divide
from imgcls.errors import ConfigError
from imgcls.evaluation.evaluate import evaluate
from imgcls.presets import PRESETS
from imgcls.training.train import train
from tests.support.datasets import TINY


def test_divide(drawn_photos: Path) -> None:
    dataset = open_dataset(drawn_photos)
    kept, left_out = divide(dataset, 1)
    assert kept.classes == ("bar", "disc")
    assert set(kept.table["label"]) == {0, 1}
    assert set(kept.table["split"]) == {"train", "validation", "test"}
    assert len(kept.table) == 120
    assert set(left_out.table["label"]) == {2}
    assert len(left_out.table) == 20  # of the square's photos those that are held out
    whole, none = divide(dataset, 0)
    assert whole.table.equals(dataset.table)
    assert none.table.empty


def test_two_classes_must_be_left(drawn_photos: Path) -> None:
    with pytest.raises(ConfigError, match="received 2; shapes has 3 classes"):
        divide(open_dataset(drawn_photos), 2)


def test_a_run_that_leaves_a_class_out(
    drawn_photos: Path, base_weights: Path, tmp_path: Path
) -> None:
    config = with_settings(PRESETS["paper"], [*TINY, "left_out_classes=1"])
    dataset = open_dataset(drawn_photos)
    run = train(config, dataset, tmp_path, preset="paper", weights_file=base_weights)
    assert run.class_names == ["bar", "disc"]
    assert set(run.predictions()["label"]) == {0, 1}
    unknown = run.out_of_distribution()
    assert (unknown["kind"] == LEFT_OUT).sum() == 20
    found = evaluate(run, dataset)
    assert found["test"].accuracy == pytest.approx(run.test.accuracy)
    assert found["test"].loss == pytest.approx(run.test.loss, abs=1e-3)
