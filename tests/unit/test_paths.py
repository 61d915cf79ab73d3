import os
from collections.abc import Callable
from pathlib import Path

import pytest

from imgcls.paths import allowed_roots, cache_dir, data_dir, dataset_folders, models_dir


def test_dataset_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (
        "data/photos",
        "shared/photos",
        "shared/birds",
        "shared/digits",
        "shared/.hidden",
        "other",
    ):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "shared" / "link").symlink_to(tmp_path / "other")
    (tmp_path / "shared" / "file").touch()
    roots = os.pathsep.join([str(tmp_path / "shared"), "", str(tmp_path / "missing")])
    monkeypatch.setenv("IMGCLS_DATA", str(tmp_path / "data" / "photos"))
    monkeypatch.setenv("IMGCLS_DATA_ROOTS", roots)
    assert dataset_folders() == {
        "photos": tmp_path / "data" / "photos",
        "birds": tmp_path / "shared" / "birds",
        "shared/digits": tmp_path / "shared" / "digits",
        "shared/photos": tmp_path / "shared" / "photos",
    }


def test_nothing_is_allowed_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IMGCLS_DATA_ROOTS", raising=False)
    assert allowed_roots() == ()


@pytest.mark.parametrize(
    ("variable", "folder"),
    [
        ("IMGCLS_DATA", data_dir),
        ("IMGCLS_MODELS", models_dir),
        ("IMGCLS_CACHE", cache_dir),
        ("IMGCLS_DATA_ROOTS", lambda: allowed_roots()[0]),
    ],
)
def test_a_tilde_is_the_home_of_the_user(
    variable: str, folder: Callable[[], Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "~/pets")
    assert folder() == tmp_path / "pets"
    monkeypatch.setenv(variable, "~nobody-of-this-name/pets")
    assert folder().parts[-2:] == ("~nobody-of-this-name", "pets")
