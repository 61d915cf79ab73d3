from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from imgcls.data.dataset import Dataset, open_dataset
from imgcls.data.variants import PUBLISHED, with_label_noise
from imgcls.errors import DatasetError
from imgcls.evaluation.intervals import interval
from imgcls.evaluation.metrics import precision_at_k
from tests.support.datasets import draw_shape

FOLDERS = [f"n0{number}" for number in (1440764, 2102040, 2979186, 3000684, 3028079)]


FOLDERS += [f"n0{number}" for number in (3394916, 3417042, 3425413, 3445777, 3888257)]


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return open_dataset("digits")


def changed(dataset: Dataset, noisy: Dataset, split: str) -> "pd.Series[bool]":
    before, after = dataset.split(split), noisy.split(split)
    assert before["file"].tolist() == after["file"].tolist()
    return before["label"] != after["label"]


def test_none_is_the_dataset_itself(digits: Dataset) -> None:
    assert with_label_noise(digits, 0) is digits


@pytest.mark.parametrize("percent", [5, 50])
def test_the_share_asked_for_of_the_training_photos_is_wrong(digits: Dataset, percent: int) -> None:
    noisy = with_label_noise(digits, percent)
    wrong = changed(digits, noisy, "train")
    sigma = np.sqrt(percent / 100 * (1 - percent / 100) / len(wrong))
    assert abs(wrong.mean() - percent / 100) < 4 * sigma
    for split in ("validation", "test"):
        assert not changed(digits, noisy, split).any()
    # Every wrong class is as likely as every other.
    assert noisy.split("train")["label"].value_counts().min() > 100


def test_it_is_the_same_every_time(digits: Dataset) -> None:
    assert with_label_noise(digits, 20).table.equals(with_label_noise(digits, 20).table)


@pytest.fixture
def imagenette(tmp_path: Path) -> Dataset:
    """Drawings in the folders of Imagenette, and a table as fastai's."""
    random = np.random.default_rng(1)
    rows = []
    for label, folder in enumerate(FOLDERS):
        for part, count in (("train", 4), ("val", 2)):
            for number in range(count):
                file = f"{part}/{folder}/{number}.png"
                (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
                draw_shape("disc", random).save(tmp_path / file)
                # One of four is wrong: the class after the true one.
                given = FOLDERS[(label + 1) % 10] if number == 0 else folder
                rows.append((file, folder, given, part == "val"))
    columns = ["path", "noisy_labels_0", "noisy_labels_25", "is_valid"]
    pd.DataFrame(rows, columns=columns).to_csv(tmp_path / PUBLISHED, index=False)
    return open_dataset(tmp_path)


def test_imagenettes_wrong_labels_are_those_published(imagenette: Dataset) -> None:
    noisy = with_label_noise(imagenette, 25)
    wrong = changed(imagenette, noisy, "train")
    assert imagenette.split("train")["file"][wrong].str.endswith("/0.png").all()
    assert wrong.mean() == 0.25
    assert not changed(imagenette, noisy, "validation").any()
    # For a percentage that the table does not have, they are drawn.
    assert changed(imagenette, with_label_noise(imagenette, 90), "train").mean() > 0.5


def test_a_damaged_table_is_named(imagenette: Dataset) -> None:
    (imagenette.root / PUBLISHED).write_bytes(b"")
    with pytest.raises(DatasetError, match=PUBLISHED):
        with_label_noise(imagenette, 25)


def test_precision_among_the_highest_losses_worked_out_by_hand() -> None:
    losses = pd.DataFrame(
        {
            "label": [0, 0, 1, 1, 2],
            "given_label": [0, 1, 1, 2, 1],
            "loss": [0.1, 5.0, 4.0, 3.0, 0.2],
        }
    )
    table = precision_at_k(losses, [1, 2, 3, 5, 6])
    assert table["k"].tolist() == [1, 2, 3, 5]
    assert table["wrong"].tolist() == [1, 1, 2, 3]
    assert table["precision"].tolist() == pytest.approx([1, 1 / 2, 2 / 3, 3 / 5])
    assert table["recall"].tolist() == pytest.approx([1 / 3, 1 / 3, 2 / 3, 1])
    assert (table["low"].iloc[2], table["high"].iloc[2]) == interval(2, 3)


def test_without_wrong_labels_none_is_found() -> None:
    clean = pd.DataFrame({"label": [0, 1], "given_label": [0, 1], "loss": [1.0, 2.0]})
    assert precision_at_k(clean, [2])[["wrong", "recall"]].iloc[0].tolist() == [0, 0]
