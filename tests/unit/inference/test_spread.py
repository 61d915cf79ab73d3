from pathlib import Path

import pytest

from imgcls._utils.cluster import ClusterError
from imgcls.data.images import ImageError
from imgcls.inference import spread


def test_files_travel_by_name_and_what_is_no_file_in_small_tasks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.png").touch()
    found = list(spread.tasks([Path("a.png")] * (2 * spread.PHOTOS + 1)))
    assert [len(task) for task in found] == [spread.PHOTOS, spread.PHOTOS, 1]
    assert {photo for task in found for photo in task} == {tmp_path / "a.png"}
    half = bytes(spread.BYTES // 2)
    assert [len(task) for task in spread.tasks([half] * 5)] == [2, 2, 1]
    assert list(spread.tasks([])) == []


def test_a_file_that_is_nowhere_is_answered_as_it_is_without_a_cluster(tmp_path: Path) -> None:
    known = ImageError("damaged")
    ((gone, before),) = spread.tasks([tmp_path / "gone.png", known])
    assert str(gone) == "there is no such file."
    assert before is known


def test_a_machine_without_the_drive_answers_nothing(tmp_path: Path) -> None:
    with pytest.raises(ClusterError, match=r"does not find .*run-1\. Photos and runs have to lie"):
        spread.answers(tmp_path / "run-1", [])
