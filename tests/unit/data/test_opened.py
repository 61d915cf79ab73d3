import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcls.data import opened
from imgcls.data.opened import OpenedDatasets
from imgcls.errors import DatasetError


def draw(path: Path, value: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((4, 4, 3), value, np.uint8)).save(path)
    return path


@pytest.fixture
def pets(tmp_path: Path) -> Path:
    for place, file in enumerate(("cat/0.png", "cat/deep/1.png", "dog/0.png", "dog/1.png")):
        draw(tmp_path / "pets" / file, place)
    return tmp_path / "pets"


@pytest.mark.parametrize("at_once", [2_000, 0])
def test_what_changes_is_noticed(pets: Path, at_once: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opened, "PHOTOS_AT_ONCE", at_once)
    monkeypatch.setattr(opened, "SECONDS_BETWEEN_LOOKS", 0.0)
    datasets = OpenedDatasets()
    found = [datasets.get(pets)]
    assert datasets.get(pets) is found[0]
    state = (pets / "cat/deep/1.png").stat()
    draw(pets / "cat/deep/1.png", 99)  # in place: no folder changes
    os.utime(pets / "cat/deep/1.png", ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    found.append(datasets.get(pets))
    draw(pets / "dog/2.png", 7)
    found.append(datasets.get(pets))
    (pets / "dog/2.png").unlink()
    found.append(datasets.get(pets))
    assert len({dataset.fingerprint for dataset in found}) == 3
    assert found[3].fingerprint == found[1].fingerprint
    assert datasets.get(pets) is found[3]


def test_a_large_dataset_is_looked_at_now_and_then(
    pets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opened, "PHOTOS_AT_ONCE", 3)
    monkeypatch.setattr(opened, "SECONDS_BETWEEN_LOOKS", 1e6)
    datasets = OpenedDatasets()
    before = datasets.get(pets)
    os.utime(draw(pets / "dog/1.png", 99), ns=(1, 1))
    assert datasets.get(pets) is before
    draw(pets / "dog/2.png", 7)  # a new one shows in its folder
    assert datasets.get(pets).fingerprint != before.fingerprint


def test_a_folder_that_is_gone_is_no_dataset_any_more(pets: Path) -> None:
    datasets = OpenedDatasets()
    datasets.get(pets)
    shutil.rmtree(pets)
    with pytest.raises(DatasetError, match="There are no photos at"):
        datasets.get(pets)


def test_digits_are_opened_once() -> None:
    datasets = OpenedDatasets()
    assert datasets.get("digits") is datasets.get("digits")
