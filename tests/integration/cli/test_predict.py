"""The verb `predict` on many photos, from all the places where people have them, and stopped."""

import csv
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest

from imgcls.runs.run import Run
from tests.integration.cli import test_cli
from tests.support.pictures import four_fields
from tests.support.repository import ROOT

Ask = test_cli.Ask
ask, with_run, folder = test_cli.ask, test_cli.with_run, test_cli.folder


@pytest.fixture
def photo(folder: Path) -> Path:
    return folder / "a.png"


def rows(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def many(folder: Path, photo: Path, number: int) -> Path:
    folder.mkdir()
    for place in range(number):
        os.link(photo, folder / f"{place:06d}.png")
    return folder


def command(run: Run, *arguments: object, **options: Any) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "imgcls", "predict", *map(str, arguments)],
        env={**os.environ, "IMGCLS_MODELS": str(run.path.parent), "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


# --- where photos come from ----------------------------------------------------------------------


def test_a_zip_is_answered_as_its_photos(
    ask: Ask, with_run: Run, photo: Path, tmp_path: Path
) -> None:
    path = tmp_path / "photos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(photo, "one.png")
        archive.write(photo, "no suffix")
        archive.writestr("__MACOSX/._one.png", b"x")
        archive.writestr("notes.txt", b"text")
        archive.writestr("broken.jpg", b"text")
    said = ask("predict", path, photo, "--json")
    assert said.status == 1
    names = [f"{path}/one.png", f"{path}/no suffix", f"{path}/broken.jpg", str(photo)]
    assert [answer["file"] for answer in said.json] == names
    first, second, third, alone = (answer | {"seconds": 0} for answer in said.json)
    assert first | {"file": ""} == second | {"file": ""} == alone | {"file": ""}
    assert "not a picture" in third["error"]


def test_what_lies_beside_photos_in_a_folder_is_passed_over(
    ask: Ask, with_run: Run, photo: Path, tmp_path: Path
) -> None:
    place = tmp_path / "holiday"
    (place / "@eaDir").mkdir(parents=True)
    for name in ("a.jfif", "b", "@eaDir/a.png"):
        shutil.copy(photo, place / name)
    for name in ("Thumbs.db", "desktop.ini", "README.txt", "notes.json", "no suffix", "a.zip"):
        (place / name).write_text("x")
    said = ask("predict", place, "--json")
    assert said.status == 0
    assert [answer["file"] for answer in said.json] == [f"{place}/a.jfif", f"{place}/b"]
    # Named by itself, it is meant.
    assert ask("predict", place / "README.txt", "--json").status == 1


def test_folders_that_are_links_are_followed_and_end(
    ask: Ask, with_run: Run, photo: Path, tmp_path: Path
) -> None:
    place = tmp_path / "links"
    place.mkdir()
    (place / "there").symlink_to(photo.parent / "deeper")
    (place / "round").symlink_to(place)
    said = ask("predict", place, "--json")
    assert [answer["file"] for answer in said.json] == [f"{place}/there/b.png"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\0"])
def test_a_list_of_names_comes_from_standard_input(
    ask: Ask, with_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    content = f"{folder}/a.png{end}{folder}/deeper{end}".encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    said = ask("predict", "-", "--json")
    assert said.status == 0
    names = [f"{folder}/a.png", f"{folder}/deeper/b.png"]
    assert [answer["file"] for answer in said.json] == names


def test_an_empty_list_has_no_answers(
    ask: Ask, with_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"")))
    said = ask("predict", "-", "--json")
    assert (said.status, said.json) == (0, [])


def test_a_picture_comes_from_standard_input(
    ask: Ask, with_run: Run, photo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(photo.read_bytes())))
    (answer,) = ask("predict", "-", "--json").json
    (same,) = ask("predict", photo, "--json").json
    assert answer | {"seconds": 0} == same | {"file": "-", "seconds": 0}


def test_patterns_and_home_folders_that_no_shell_has_replaced(
    ask: Ask, with_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(folder))
    told = ask("predict", f"{folder}/**/*.png", "~/a.png", "--json")
    assert told.status == 0
    names = [f"{folder}/a.png", f"{folder}/deeper/b.png", f"{folder}/a.png"]
    assert [answer["file"] for answer in told.json] == names


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("https://example.org/a.jpg", "this is an address"),
        ("none/*.jpg", "no file has a name like this"),
        ("none.jpg", "no such file"),
        ("n" * 300, r"cannot be read \(File name too long\)"),
    ],
)
def test_what_is_not_there_is_said(ask: Ask, with_run: Run, word: str, reason: str) -> None:
    said = ask("predict", word, "--json")
    assert said.status == 1
    (answer,) = said.json
    assert answer["file"] == word
    assert re.search(reason, answer["error"])


# --- where answers go ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["a folder", "below a file"])
def test_a_table_that_cannot_be_written_is_said_before_the_first_photo(
    ask: Ask, with_run: Run, folder: Path, tmp_path: Path, kind: str
) -> None:
    table = tmp_path / "table.csv"
    table.mkdir() if kind == "a folder" else table.touch()
    wanted = table if kind == "a folder" else table / "answers.csv"
    said = ask("predict", folder / "a.png", folder / "deeper", "--json", "--csv", wanted)
    assert said.status == 1
    assert len(said.json) == 2  # and no answer is lost
    assert said.err.startswith(f"imgcls: --csv: {wanted} cannot be written (")


def test_names_in_the_table_are_no_formulas(
    ask: Ask, with_run: Run, photo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ['=HYPERLINK("x").png', "@SUM(1+1).png", "+1.png", "\t=1.png", "犬 café.png"]
    place = tmp_path / "names"
    place.mkdir()
    for name in names:
        shutil.copy(photo, place / name)
    monkeypatch.chdir(place)
    table = tmp_path / "answers.csv"
    assert ask("predict", *names, "--csv", table).status == 0
    assert table.read_bytes().startswith(b"\xef\xbb\xbffile,label,")
    told = [row["file"] for row in rows(table)]
    assert told == [f"'{name}" if name != "犬 café.png" else name for name in names]


def test_stopped_by_ctrl_c_it_keeps_what_it_has_answered(
    with_run: Run, photo: Path, tmp_path: Path
) -> None:
    place, table = many(tmp_path / "many", photo, 20_000), tmp_path / "answers.csv"
    running = command(with_run, place, "--json", "--csv", table, start_new_session=True)
    deadline = time.monotonic() + 60
    while not (table.exists() and len(table.read_bytes().splitlines()) > 20):
        assert running.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.send_signal(signal.SIGINT)
    out, err = running.communicate(timeout=30)
    assert running.returncode == 130
    assert "Traceback" not in err
    answers = json.loads(out)
    assert 20 < len(answers) < 20_000
    assert [row["file"] for row in rows(table)] == [answer["file"] for answer in answers]


def test_killed_it_keeps_its_table(with_run: Run, photo: Path, tmp_path: Path) -> None:
    place, table = many(tmp_path / "many", photo, 20_000), tmp_path / "answers.csv"
    running = command(with_run, place, "--csv", table)
    deadline = time.monotonic() + 60
    while not (table.exists() and len(table.read_bytes().splitlines()) > 20):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    running.kill()
    running.communicate()
    assert all(row["label"] for row in rows(table))
    assert len(rows(table)) >= 20


MEASURE = """
import re, sys
from imgcls.cli.main import main
main(["predict", *sys.argv[1:]])
print(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1], file=sys.stderr)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs Linux's /proc")
def test_memory_does_not_grow_with_the_number_of_photos(
    with_run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = tmp_path / "photo.jpg"
    four_fields(64, 64).save(photo)
    peaks = {}
    for number in (100, 1_000):
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, many(tmp_path / f"{number}", photo, number), "--json"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert len(json.loads(done.stdout)) == number
        peaks[number] = int(done.stderr.splitlines()[-1]) / 1000
    assert peaks[1_000] - peaks[100] < 10, peaks
