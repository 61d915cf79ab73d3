"""Files that appear whole or not at all."""

import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from imgcls._utils.files import remove_leftovers, replacing, write_bytes, write_json


def test_written_with_its_folder_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "new" / "run.json"
    write_json(path, {"name": "Bögen", "values": [1, 2]})
    assert (
        path.read_bytes()
        == '{\n  "name": "Bögen",\n  "values": [\n    1,\n    2\n  ]\n}\n'.encode()
    )
    assert [path] == list(path.parent.iterdir())


def test_file_names_that_are_no_text_survive(tmp_path: Path) -> None:
    value = ["Größe", os.fsdecode(b"Gr\xf6\xdfe.png")]
    write_json(tmp_path / "names.json", value)
    assert json.loads((tmp_path / "names.json").read_bytes()) == value


def test_temporary_name_keeps_the_suffix_and_is_hidden(tmp_path: Path) -> None:
    with replacing(tmp_path / "model.keras") as temporary:
        assert (temporary.parent, temporary.suffix) == (tmp_path, ".keras")
        assert temporary.name.startswith(".")
        temporary.touch()


def test_error_leaves_the_old_file_and_no_temporary_one(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    write_bytes(path, b"old")

    def half(path: Path) -> None:
        with replacing(path) as temporary:
            temporary.write_bytes(b"half")
            raise RuntimeError("no space")

    with pytest.raises(RuntimeError, match="no space"):
        half(path)
    with pytest.raises(TypeError):
        write_json(path, {"not JSON": object()})
    assert path.read_bytes() == b"old"
    assert [path] == list(tmp_path.iterdir())


def test_what_a_killed_process_was_writing_is_removed_and_nothing_else(tmp_path: Path) -> None:
    ended = next(number for number in range(2**22, 2**23) if not psutil.pid_exists(number))
    (tmp_path / f".{ended}-140-model.keras").write_bytes(b"half")
    kept = [f".{os.getpid()}-140-model.keras", ".hidden", ".5", "model.keras"]
    for name in kept:
        (tmp_path / name).write_bytes(b"whole")
    remove_leftovers(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(kept)
    remove_leftovers(tmp_path / "not there")


def test_target_that_cannot_be_replaced_leaves_no_temporary_file(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="folder"):
        write_bytes(tmp_path / "folder", b"content")
    assert [tmp_path / "folder"] == list(tmp_path.iterdir())


def test_readers_and_writers_at_once_only_see_whole_files(tmp_path: Path) -> None:
    path = tmp_path / "run.json"
    values = [{"writer": writer, "filling": [writer] * 20_000} for writer in range(4)]
    write_json(path, values[0])
    done = threading.Event()

    def read() -> int:
        reads = 0
        while not done.is_set():
            assert json.loads(path.read_bytes()) in values
            reads += 1
        return reads

    def write(value: object) -> None:
        for _ in range(15):
            write_json(path, value)

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read) for _ in range(2)]
        try:
            list(pool.map(write, values))
        finally:
            done.set()
        assert all(reader.result() > 0 for reader in readers)
    assert [path] == list(tmp_path.iterdir())
