import io
from base64 import b64decode
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from imgcls.charts.drawings import thumbnails
from imgcls.data.dataset import open_dataset
from imgcls.data.images import read_rgb


def test_made_once_and_kept(
    drawn_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path))
    dataset = open_dataset(drawn_photos)
    files = dataset.split("test")["file"].tolist()
    assert thumbnails.kept(dataset.fingerprint) is None
    seen = []
    made = thumbnails.make(dataset, files, lambda done, total: seen.append((done, total)))
    assert seen == [(done, len(files)) for done in range(1, len(files) + 1)]
    kept = thumbnails.kept(dataset.fingerprint)
    assert kept is not None
    assert kept.equals(made)
    content = b64decode(kept[files[0]].removeprefix("data:image/webp;base64,"))
    picture = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), np.float32)
    expected = read_rgb(dataset.path(files[0]), thumbnails.SIDE).astype(np.float32)
    assert picture.shape == expected.shape
    assert np.abs(picture - expected).mean() < 12


def test_what_is_damaged_counts_as_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path))
    path = tmp_path / "thumbnails" / "abc.parquet"
    path.parent.mkdir()
    path.write_bytes(b"PAR1 cut off")
    assert thumbnails.kept("abc") is None
