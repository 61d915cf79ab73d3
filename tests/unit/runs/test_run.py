"""Run folders: found, ordered, and never in each other's way when one is broken."""

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import psutil
import pytest

from imgcls._utils.files import write_json
from imgcls._utils.processes import ProcessId
from imgcls.architectures.registry import NETWORKS
from imgcls.config import with_settings
from imgcls.networks.weights import BaseWeights
from imgcls.presets import ABLATIONS, PRESETS
from imgcls.runs import store
from imgcls.runs.files import PROGRAM
from imgcls.runs.record import Timings
from imgcls.runs.run import BrokenRun, Run, RunError, load_run, valid_name
from tests.support.runs import example

Make = Callable[..., Run]
WEIGHTS = BaseWeights("file", Path("base.h5"), "00ff", "a note")


@pytest.fixture
def make(make_run: Make) -> Make:
    """Return `make_run` with a program in each run, so that they count as able to predict."""

    def run(folder: str, **changes: Any) -> Run:
        made = make_run(folder, **changes)
        made.file(PROGRAM).touch()
        return made

    return run


def written(folder: Path, content: Any) -> Path:
    folder.mkdir()
    (folder / "run.json").write_text(json.dumps(content))
    return folder


def day(number: int) -> str:
    return f"2026-01-{number:02d}T12:00:00+00:00"


def test_newest_first_and_hidden_folders_and_files_left_out(make: Make, tmp_path: Path) -> None:
    for name, created in (("b", day(2)), ("a", day(9)), ("c", day(10)), (".d", day(11))):
        make(name, created=created)
    (tmp_path / "notes.txt").touch()
    assert [run.id for run in store.list_runs(tmp_path)] == ["c", "a", "b"]


def test_no_folder_holds_no_runs(tmp_path: Path) -> None:
    assert store.list_runs(tmp_path / "none") == []


BROKEN: dict[str, tuple[bytes | None, str]] = {
    "no record": (None, "holds no run.json"),
    "empty": (b"", "cannot be read"),
    "garbage": (b"\x00\xff\xfe garbage", "cannot be read"),
    "cut": (b'{"schema": 1, "status": "fini', "cannot be read"),
    "nested": (b"[" * 100_000, "cannot be read"),
    "other JSON": (b"[1, 2]", "not a run of this version"),
    "other schema": (b'{"schema": 99}', "not a run of this version: its schema is none of 1 to 2"),
    "only a schema": (b'{"schema": 2}', "is incomplete"),
    "only a former schema": (b'{"schema": 1}', "is incomplete"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_folder_is_listed_last_with_the_reason(
    make: Make, tmp_path: Path, kind: str
) -> None:
    content, reason = BROKEN[kind]
    folder = tmp_path / "a-broken"
    folder.mkdir()
    if content is not None:
        (folder / "run.json").write_bytes(content)
    good = make("good")
    found = store.list_runs(tmp_path)
    assert found[0] == good
    assert isinstance(found[1], BrokenRun)
    assert (found[1].id, len(found)) == ("a-broken", 2)
    with pytest.raises(RunError, match=reason):
        load_run(folder)
    assert store.default(tmp_path) == good


NEEDED = ["id", "preset", "created", "status", "config", "data", "base", "test", "machine"]


@pytest.mark.parametrize("key", [*NEEDED, "threshold"])
def test_record_without_a_part_that_readers_need_is_broken(tmp_path: Path, key: str) -> None:
    content = example().to_dict()
    del content[key]
    written(tmp_path / "cut", content)
    (found,) = store.list_runs(tmp_path)
    assert isinstance(found, BrokenRun)
    assert "incomplete" in found.reason
    assert key in found.reason


@pytest.mark.parametrize(
    "changes",
    [
        {"config": {"image_size": 17}},
        {"config": {"image_size": "large"}},
        {"config": {"new_in_a_later_version": 1}},
        {"config": None},
        {"created": 12},
        {"created": "yesterday"},
        {"data": []},
        {"data": {"classes": [1]}},
        {"status": "lost"},
        {"process": 12},
        {"history": [{"epoch": 1}]},
        {"baselines": {}},
        {"test": None},
    ],
    ids=str,
)
def test_record_with_impossible_values_is_broken(
    make: Make, tmp_path: Path, changes: dict[str, Any]
) -> None:
    written(tmp_path / "odd", example().to_dict() | changes)
    make("good", created=day(1))
    found = store.list_runs(tmp_path)
    assert [type(run) for run in found] == [Run, BrokenRun]


def test_running_while_its_process_lives(make: Make) -> None:
    run = make("a", status="running", process=ProcessId.of())
    assert load_run(run.path).status == "running"


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere the start is kept as a time of day")
def test_running_whatever_the_clock_is_set_to(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    run = make("a", status="running", process=ProcessId.of())
    booted = psutil.boot_time()
    # As Linux says when its clock is set: all that has been seems to have been then.
    for hours in (-5, 5):
        monkeypatch.setattr("psutil._pslinux.boot_time", lambda by=hours: booted + by * 3600)
        assert load_run(run.path).status == "running"


def test_interrupted_when_the_number_of_its_process_was_given_to_another(make: Make) -> None:
    own = ProcessId.of()
    process = ProcessId(own.pid, own.started - 60)
    run = make("a", status="running", process=process)
    assert load_run(run.path).status == "interrupted"
    assert run.record.status == "running"  # what it says of itself is left as it is


def test_found_by_id_and_by_name(make: Make, tmp_path: Path) -> None:
    first, second = make("paper-1"), make("paper-2", name="Lesson 3")
    assert store.find(tmp_path, "paper-1") == first
    assert store.find(tmp_path, "paper-2") == store.find(tmp_path, "Lesson 3") == second
    assert second.title == "Lesson 3"


def test_found_by_preset_or_by_what_it_is_called_when_that_means_one(
    make: Make, tmp_path: Path
) -> None:
    changed = make("a", config=with_settings(PRESETS["paper"], ["seed=2"]))
    assert store.find(tmp_path, "paper") == changed
    make("b", config=PRESETS["paper"], dataset="digits")
    plain = make("c", config=PRESETS["paper"])
    for name in ("paper", "Paper recipe, 160 px"):
        assert store.find(tmp_path, name) == plain
    assert store.find(tmp_path, "Paper recipe, 160 px, seed 2") == changed
    make("d", config=PRESETS["paper"], created=day(1))
    with pytest.raises(RunError, match=r"2, give its id: [cd] \(Paper recipe, 160 px, on "):
        store.find(tmp_path, "paper")
    named = make("e", preset="hires", name="paper")
    assert store.find(tmp_path, "paper") == named


def test_without_a_name_it_is_called_what_it_is(make: Make) -> None:
    def title(preset: str, *settings: str) -> str:
        return make(preset, preset=preset, config=with_settings(PRESETS[preset], [*settings])).title

    assert title("hires") == "Hires recipe, 224 px"
    assert title("batch-norm", "image_size=96") == "Batch norm recipe, 96 px"
    assert title("paper", "seed=2", "engine=plain") == "Paper recipe, 160 px, seed 2"
    photos = make("any").record.data.count("train")
    small = PRESETS["small-data"].for_photos(photos)
    assert make("s-1", preset="small-data", config=small).title == "Small data recipe, 224 px"
    changed = ["seed=2", "dropout=0.5", "batch_size=8"]
    run = make("paper-89abcdef", config=with_settings(PRESETS["paper"], changed))
    assert run.title == "Paper recipe, 160 px, changed (89abcdef)"


def test_unknown_name_lists_those_there_are(make: Make, tmp_path: Path) -> None:
    with pytest.raises(RunError, match=r"no run 'x' .* Runs: none; train one"):
        store.find(tmp_path, "x")
    make("paper-1", created=day(1))
    make("paper-2", created=day(2))
    for name in ("x", "../paper-1", "", "."):
        with pytest.raises(RunError, match=r"Runs: paper-2, paper-1\.$"):
            store.find(tmp_path, name)


def test_broken_run_asked_for_by_name_says_why(tmp_path: Path) -> None:
    (tmp_path / "odd").mkdir()
    (tmp_path / "odd" / "run.json").write_text("{")
    with pytest.raises(RunError, match="cannot be read"):
        store.find(tmp_path, "odd")


def test_default_is_photos_then_size_then_pretrained_then_newest(
    make: Make, tmp_path: Path
) -> None:
    # From the last choice to the first one; each must win over all that came before.
    make("digits", dataset="digits", config=PRESETS["hires"], created=day(20))
    assert store.default(tmp_path).id == "digits"
    make("scratch 224", config=PRESETS["scratch"], settings={"image_size": 224}, created=day(19))
    assert store.default(tmp_path).id == "scratch 224"
    make("paper", config=PRESETS["paper"], created=day(18))
    assert store.default(tmp_path).id == "paper"
    make("paper, newer", config=PRESETS["paper"], created=day(19))
    assert store.default(tmp_path).id == "paper, newer"
    make("hires", config=PRESETS["hires"], created=day(1))
    assert store.default(tmp_path).id == "hires"
    make("failed", config=PRESETS["hires"], created=day(21), status="failed")
    assert store.default(tmp_path).id == "hires"


def test_the_newest_unchanged_run_of_each_preset_is_found_on_its_photos(
    make: Make, tmp_path: Path
) -> None:
    photos = example().data
    make("old", config=PRESETS["hires"], created="2026-01-01T00:00:00+00:00")
    make("new", config=PRESETS["hires"], created="2026-01-02T00:00:00+00:00")
    make("elsewhere", config=PRESETS["scratch"], fingerprint="of other photos")
    make("changed", config=replace(PRESETS["paper"], seed=2))
    make("stopped", config=PRESETS["paper"], status="stopped")
    # Its number of epochs follows from that of the photos.
    make("few", config=PRESETS["small-data"].for_photos(photos.count("train")))
    found = store.newest_on(tmp_path, photos.fingerprint)
    assert {preset: run.id for preset, run in found.items()} == {
        "hires": "new",
        "small-data": "few",
    }


@pytest.mark.parametrize("preset", ABLATIONS)
def test_a_mistake_made_on_purpose_is_never_the_default(
    make: Make, tmp_path: Path, preset: str
) -> None:
    make("paper", config=PRESETS["paper"], created=day(1))
    larger = {"image_size": 224}
    make("mistake", preset=preset, config=PRESETS[preset], settings=larger, created=day(2))
    # Also when it was asked for by its settings.
    make("other", preset="hires", config=PRESETS[preset], settings=larger, created=day(3))
    assert store.default(tmp_path).id == "paper"


def test_two_folders_with_one_id_are_told_apart(make: Make, tmp_path: Path) -> None:
    run = make("paper-0123abcd")
    make("a copy", id=run.id)
    make("b copy", id=run.id, created=day(1))
    assert sorted(found.id for found in store.readable(tmp_path)) == ["a copy", "b copy", run.id]
    assert store.find(tmp_path, run.id) == run
    assert store.find(tmp_path, "a copy").path == tmp_path / "a copy"


def test_found_by_hash_whatever_stands_before_it_and_by_former_ids(
    make: Make, tmp_path: Path
) -> None:
    run = make("some folder", id="paper-0123abcd", former_ids=("paper-89abcdef",))
    make("other")
    for name in ("0123abcd", "mine-0123abcd", "paper-89abcdef", "some folder"):
        assert store.find(tmp_path, name) == run
    assert store.of_experiment(tmp_path, "mine-0123abcd") == run
    assert store.of_experiment(tmp_path, "paper-89abcdef") is None
    with pytest.raises(RunError, match="There is no run '89abcdef'"):
        store.find(tmp_path, "89abcdef")


def test_no_default_without_a_finished_run(make: Make, tmp_path: Path) -> None:
    make("stopped", status="stopped")
    with pytest.raises(RunError, match=r"no finished run .*: train one with"):
        store.default(tmp_path)


def test_missing_or_damaged_predictions_are_an_error_for_people(make: Make) -> None:
    run = make("a")
    path = run.file("predictions.parquet")
    pd.DataFrame({"file": ["a.png"], "label": [0]}).to_parquet(path)
    assert len(run.predictions()) == 1
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    with pytest.raises(RunError, match=r"predictions\.parquet cannot be read"):
        run.predictions()
    path.unlink()
    with pytest.raises(RunError, match=r"predictions\.parquet cannot be read"):
        run.predictions()


def test_bases_are_those_of_finished_runs_by_their_size(make: Make, tmp_path: Path) -> None:
    network = NETWORKS["mobilenet_v2"]
    stopped = make("stopped", status="stopped", created=day(3))
    stopped.file("phase1.keras").touch()
    make("without", created=day(2))
    scratch = make("scratch", base=None, created=day(2))
    scratch.file("phase1.keras").touch()
    (tmp_path / "broken").mkdir()
    assert store.bases(tmp_path, network) == {}
    run = make("paper", created=day(1))
    run.file("phase1.keras").touch()
    base = run.record.base
    assert base is not None
    # For sizes that Keras has no file for, as the 32 px here, it gives that of 224 px.
    found = BaseWeights("run", run.file("phase1.keras"), base.sha256, base.note)
    assert store.bases(tmp_path, network) == {224: found}
    assert store.bases(tmp_path, NETWORKS["mobilenet_v3_large"]) == {}


def test_record_survives_the_way_to_disk(make: Make) -> None:
    run = make("a", name="Größe 7")
    assert load_run(run.path) == run
    assert json.loads(run.file("run.json").read_bytes()) == run.record.to_dict()
    write_json(run.file("run.json"), {**run.record.to_dict(), "added_later": 1})
    assert load_run(run.path) == run


def test_a_loss_that_is_no_number_survives_too(make: Make) -> None:
    history = (msgspec.structs.replace(example().history[0], loss=float("nan")),)
    (row,) = load_run(make("a", history=history).path).record.history
    assert math.isnan(row.loss)


def test_file_names_that_are_no_text_survive_too(make: Make) -> None:
    data = msgspec.structs.replace(example().data, unreadable=("caf\udce9.png",))
    assert load_run(make("a", data=data).path).record.data == data


def test_timings_add_up_and_leave_out_what_took_no_time() -> None:
    timings = Timings(phase1=1.5).plus("phase1", 0.5).plus("finishing", 1.0).summed()
    assert timings.to_dict() == {"phase1": 2.0, "finishing": 1.0, "total": 3.0}
    assert timings.summed() == timings


def test_what_is_not_there_yet_is_an_error_for_people(make: Make) -> None:
    run = make("a", status="stopped", test=None, threshold=None, temperature=None)
    for name in ("test", "threshold", "temperature"):
        with pytest.raises(RunError, match="has no results yet: it is stopped"):
            getattr(run, name)


@pytest.mark.parametrize(
    ("name", "valid"),
    [
        ("Lesson 3", True),
        ("Größe", True),
        ("x" * 80, True),
        ("x" * 81, False),
        ("", False),
        ("  ", False),
        ("two\nlines", False),
        ("\x1b[31m", False),
        ("nul\0", False),
    ],
)
def test_valid_names(name: str, valid: bool) -> None:
    assert valid_name(name) is valid
