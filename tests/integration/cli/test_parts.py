"""The verb `predict` with a folder for its answers: killed, gone on with, shared out."""

import json
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from imgcls.export.predictions import COLUMNS
from imgcls.runs.run import Run
from tests.integration.cli import test_cli
from tests.support.repository import ROOT

Ask = test_cli.Ask
ask, with_run, folder = test_cli.ask, test_cli.with_run, test_cli.folder
Answer = dict[str, object]


def table(parts: Path) -> list[Answer]:
    """Return the answers in a folder by name, each without what it has not."""
    rows = pq.read_table(parts).to_pylist()
    return in_order({key: value for key, value in row.items() if value is not None} for row in rows)


def told(answers: Iterable[Answer]) -> list[Answer]:
    """Return what `predict --json` said as `table` does."""
    return in_order({key: row[key] for key in COLUMNS if key in row} for row in answers)


def in_order(answers: Iterable[Answer]) -> list[Answer]:
    return sorted(answers, key=lambda answer: str(answer["file"]))


def names(parts: Path) -> list[str]:
    return [str(answer["file"]) for answer in table(parts)]


def linked(drawn: Path, place: Path, number: int) -> Path:
    """Fill a folder with so many names for drawings, in several folders, and a broken file."""
    known = sorted(drawn.rglob("*.png"))
    for count in range(number):
        path = place / f"{count % 7}" / f"{count:05d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        os.link(known[count % len(known)], path)
    (place / "3" / "broken.jpg").write_text("no picture")
    return place


def answered_once(ask: Ask, drawn: Path, place: Path) -> list[Answer]:
    """Return what is to be said of a folder that was `linked`, of which each drawing is asked."""
    by_content = {Path(one).read_bytes(): one for one in map(str, drawn.rglob("*.png"))}
    once = {answer["file"]: answer for answer in ask("predict", drawn, "--json").json}
    found = [
        once[by_content[path.read_bytes()]] | {"file": str(path)} for path in place.rglob("*.png")
    ]
    return [*found, *ask("predict", place / "3" / "broken.jpg", "--json").json]


def test_after_20_kills_at_random_moments_no_answer_is_missing_or_there_twice(
    with_run: Run, drawn_photos: Path, tmp_path: Path, ask: Ask
) -> None:
    place, parts = linked(drawn_photos, tmp_path / "photos", 1_500), tmp_path / "parts"
    done = subprocess.run(
        [sys.executable, "-m", "tests.support.kills", place, parts],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    at_last, *_, killed, status = done.stdout.split()
    assert int(killed) == 20, done.stderr
    assert int(status) == 1  # of the broken file
    assert 0 < int(at_last.replace(",", "")) < 1_400, "the kills came before or after all the work"
    assert len(list(parts.glob("part-*.parquet"))) > 20
    assert not [*parts.glob(".*.parquet")], "what a kill has left is removed"
    assert table(parts) == told(answered_once(ask, drawn_photos, place))


def test_all_places_at_once_and_what_is_new_is_added(
    ask: Ask, with_run: Run, folder: Path, tmp_path: Path
) -> None:
    photo, broken = folder / "a.png", tmp_path / "broken.jpg"
    broken.write_text("no picture")
    with zipfile.ZipFile("some.zip", "w") as archive:
        archive.write(photo, "in zip.png")
    with tarfile.open("some.tgz", "w:gz") as tar:
        for name in ("deep/one.png", "two.png"):
            tar.add(photo, name)
    named = tmp_path / "list.txt"
    named.write_text(f"{photo}\n{broken}\n")
    what = (folder, "some.zip", "some.tgz", "@list.txt", "gone.png")
    said = ask("predict", *what, "--out", "parts")
    # The photo in the folder and in the list is one.
    assert (said.status, said.out) == (
        1,
        "8 photos answered into parts, 3 of them with an error.\n",
    )
    named.write_text(f"{photo}\n{broken}\n{folder}/deeper/../a.png\n")
    # Its status speaks of the whole folder, not of the photo that was added.
    added = "1 photo answered into parts, 0 of them with an error. From before: 3 errors.\n"
    assert ask("predict", *what, "--out", "parts")[:2] == (1, added)
    once_more = "Nothing was left to do: these answers are in parts."
    said = ask("predict", *what, "--out", "parts")
    assert said[:2] == (1, f"{once_more} From before: 3 errors.\n")
    answers = {answer["file"]: answer for answer in ask("predict", *what, "--json").json}
    assert len(answers) == 9
    assert table(tmp_path / "parts") == told(answers.values())


def test_shards_answer_each_photo_once_on_any_number_of_machines(
    ask: Ask, with_run: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    place, parts = linked(drawn_photos, tmp_path / "photos", 60), tmp_path / "parts"
    sizes = []
    for number in (1, 2, 3):
        ask("predict", place, "--out", parts, "--shard", f"{number}/3")
        sizes.append(len(table(parts)))
    assert sizes[-1] == 61
    assert 5 < sizes[0] < sizes[1] - 5 < sizes[2] - 10
    assert ask("predict", place, "--out", parts).out.startswith("Nothing was left")
    assert table(parts) == told(ask("predict", place, "--json").json)


def test_a_list_comes_from_standard_input(
    ask: Ask, with_run: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    place, parts = linked(drawn_photos, tmp_path / "photos", 60), tmp_path / "parts"
    listed = sorted(map(str, place.rglob("*.png")))
    for _ in range(2):
        subprocess.run(
            [sys.executable, "-m", "imgcls", "predict", "-", "--out", parts],
            input="\0".join(listed).encode(),
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            check=True,
        )
    assert names(parts) == listed


def test_answers_of_another_run_or_for_other_photos_are_refused(
    ask: Ask, with_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ask("predict", folder, "--out", "parts")
    before = table(tmp_path / "parts")
    said = ask("predict", folder / "deeper", "--out", "parts")
    assert (said.status, said.out) == (1, "")
    assert "parts holds answers for" in said.err
    job = tmp_path / "parts/_job.json"
    job.write_text(json.dumps(json.loads(job.read_text()) | {"program": "0" * 64}))
    assert "of the program 000000000000, received" in ask("predict", folder, "--out", "parts").err
    job.unlink()
    assert "give an empty folder" in ask("predict", folder, "--out", "parts").err
    assert table(tmp_path / "parts") == before


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--out", "parts", "--json"], "--csv and --json are for few photos"),
        (["--shard", "1/2"], "--shard needs a folder"),
        (["--out", "parts", "--shard", "0/2"], "accepted is I/N such as 2/4"),
        (["--ray"], "--ray needs a folder"),
        (["--out", "parts", "--ray", "ray://head:10001"], "submit the command as a job"),
        (["--out", "parts", "--ray", "photos"], "received 'photos', accepted is HOST:PORT"),
    ],
)
def test_options_that_do_not_go_together(
    ask: Ask, with_run: Run, folder: Path, options: list[str], reason: str
) -> None:
    said = ask("predict", folder, *options)
    assert said.status == 2
    assert reason in said.err
    assert not Path("parts").exists()


def test_names_that_are_no_text_are_answered_once(
    ask: Ask, with_run: Run, folder: Path, tmp_path: Path
) -> None:
    place = tmp_path / "odd"
    place.mkdir()
    for name in (b"\xff.png", b"\xfe.png", "犬.png".encode()):
        (place / os.fsdecode(name)).write_bytes((folder / "a.png").read_bytes())
    for said in ("3 photos answered", "Nothing was left to do"):
        assert ask("predict", place, "--out", "parts").out.startswith(said)
    assert names(tmp_path / "parts") == [
        f"{place}/{name}" for name in (r"\xfe.png", r"\xff.png", "犬.png")
    ]
