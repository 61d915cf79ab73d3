import io
import tarfile
from pathlib import Path

import pytest

from imgcls.data import tars
from imgcls.errors import ImageError
from tests.support.pictures import four_fields


def png() -> bytes:
    content = io.BytesIO()
    four_fields(64, 64).save(content, "PNG")
    return content.getvalue()


def packed(path: Path, files: dict[str, bytes]) -> Path:
    mode = {".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return path


def read(path: Path, limit: int = 1_000_000) -> dict[str, bytes | ImageError]:
    return {name: get() for name, get in tars.members("t", path, limit)}


@pytest.mark.parametrize("name", ["a.tar", "a.tgz", "A.TAR.BZ2".lower(), "a.tar.xz"])
def test_pictures_are_found_in_order_and_nothing_else(tmp_path: Path, name: str) -> None:
    files = {"z.png": png(), "deep/a.png": png(), "notes.txt": b"text", "__MACOSX/b.png": b"x"}
    path = packed(tmp_path / name, files)
    assert tars.is_tar(path)
    assert read(path) == {"t/z.png": png(), "t/deep/a.png": png()}
    assert list(read(path)) == ["t/z.png", "t/deep/a.png"]


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    whole = packed(tmp_path / "a.tgz", {f"{number}.png": png() for number in range(50)})
    cut = tmp_path / "b.tgz"
    cut.write_bytes(whole.read_bytes()[:-200])
    found = read(cut)
    assert found["t/0.png"] == png()
    assert str(found["t"]) == tars.WHAT_IS_WRONG
    (tmp_path / "c.tar").write_bytes(b"no archive")
    assert str(read(tmp_path / "c.tar")["t"]) == tars.WHAT_IS_WRONG
    assert "No such file" in str(read(tmp_path / "gone.tar")["t"])
    assert "holds no pictures" in str(read(packed(tmp_path / "d.tar", {"a.txt": b""}))["t"])
    assert "too large" in str(read(whole, limit=10)["t/0.png"])
