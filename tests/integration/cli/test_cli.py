"""The command line, as people and programs use it."""

import argparse
import csv
import json
import os
import pkgutil
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import imgcls
from imgcls.cli import main
from imgcls.config import TrainConfig
from imgcls.presets import PRESETS
from imgcls.runs import store
from imgcls.runs.run import Run
from tests.support.repository import ROOT


class Said(NamedTuple):
    """What a command left on its two outputs, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Ask = Callable[..., Said]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Ask:
    """Return a function that runs a command in an empty folder, and what it said and returned."""
    monkeypatch.chdir(tmp_path)
    for variable in ("IMGCLS_MODELS", "IMGCLS_DATA"):
        monkeypatch.delenv(variable, raising=False)

    def run(*arguments: object) -> Said:
        capfd.readouterr()
        try:
            status = main.main([str(argument) for argument in arguments])
        except SystemExit as end:
            status = int(end.code or 0)
        return Said(status, *capfd.readouterr())

    return run


@pytest.fixture
def with_run(ask: Ask, finished: Run, drawn_photos: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """A finished run, and the photos that it was trained on."""
    monkeypatch.setenv("IMGCLS_MODELS", str(finished.path.parent))
    monkeypatch.setenv("IMGCLS_DATA", str(drawn_photos))
    return finished


def parsers(
    parser: argparse.ArgumentParser, name: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], argparse.ArgumentParser]]:
    """Yield every command with its parser, the whole program first."""
    yield name, parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for verb, below in action.choices.items():
                yield from parsers(below, (*name, verb))


COMMANDS = dict(parsers(main.build_parser()))
WITH_JSON = [name for name, parser in COMMANDS.items() if "--json" in parser.format_help()]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_has_readable_help(ask: Ask, command: tuple[str, ...]) -> None:
    said = ask(*command, "--help")
    assert (said.status, said.err) == (0, "")
    assert said.out.startswith(f"usage: {' '.join(['python -m imgcls', *command])}")
    # What it is for, and what each of its arguments is for.
    for action in COMMANDS[command]._actions:
        if isinstance(action, argparse._SubParsersAction):
            for choice in action._choices_actions:
                assert f"{choice.dest} " in said.out
                assert choice.help
        else:
            assert action.help or action.choices, action.dest
    if command:
        assert len(said.out.split("\n\n")[1]) > 10


@pytest.mark.parametrize("command", [(), ("data",)], ids=["imgcls", "imgcls data"])
def test_without_a_command_the_help_is_shown(ask: Ask, command: tuple[str, ...]) -> None:
    assert ask(*command) == ask(*command, "--help")


# The arguments with which each command is asked for JSON below, and the status it ends with.
JSON: dict[tuple[str, ...], tuple[list[str], int]] = {
    ("data", "status"): ([], 0),
    ("data", "inspect"): ([], 0),
    ("data", "download"): (["--data", "{photos}"], 1),
    ("model",): (["--preset", "scratch"], 0),
    ("train",): (["--weights", "{weights}", "--set", "{settings}"], 0),
    ("sweep",): (["--set", "sead=1,2"], 2),  # to its end: see test_sweep.py
    ("runs",): ([], 0),
    ("evaluate",): (["{run}"], 0),
    ("predict",): (["{photos}"], 0),
    ("upgrade",): (["no-such-run"], 1),  # a run that exists: see test_layer_outputs.py
    ("export",): (["no-such-run", "--format", "onnx", "--out", "x.zip"], 1),  # see test_bundle.py
    ("cache",): ([], 0),
    ("cache", "fill"): (["--preset", "scratch"], 2),  # to its end: below
    ("doctor",): ([], 0),
}
MEASURED_ELSEWHERE = {("bench",)}  # see test_bench.py


def test_every_command_with_json_is_tested_below() -> None:
    assert set(JSON) | MEASURED_ELSEWHERE == set(WITH_JSON)


@pytest.mark.parametrize("command", JSON, ids=" ".join)
def test_json_is_one_document_and_nothing_else(
    ask: Ask, with_run: Run, base_weights: Path, drawn_photos: Path, command: tuple[str, ...]
) -> None:
    arguments, status = JSON[command]
    values = {"photos": drawn_photos, "weights": base_weights, "run": with_run.id}
    if command == ("train",):  # the experiment that exists: it is loaded
        settings = [f"--set={key}={value}" for key, value in with_run.config.to_dict().items()]
        arguments = [*arguments[:2], *settings]
    said = ask(*command, *(argument.format(**values) for argument in arguments), "--json")
    assert said.status == status
    if status == 0:
        assert said.json
    else:
        assert said.out == ""
        assert said.err.startswith("imgcls: ")


def test_model_in_figures(ask: Ask) -> None:
    told = ask("model", "--json").json
    assert (told["base_layers"], told["total_params"]) == (154, 2_340_618)
    assert [phase["trainable_params"] for phase in told["phases"]] == [82_634, 1_442_634]
    frozen = [phase["frozen_params"] for phase in told["phases"]]
    assert frozen == [2_340_618 - 82_634, 2_340_618 - 1_442_634]
    said = ask("model")
    assert "Parameters: 2,340,618." in said.out
    assert "82,634 trainable" in said.out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--set", "epochs=3"], list(TrainConfig.__dataclass_fields__)),
        (["--set", "initial_epochs"], ["key=value"]),
        (["--set", "initial_epochs=0"], ["received 0", "from 1 to 100"]),
        (["--set", "initial_epochs=many"], ["received 'many'", "a whole number"]),
        (["--set", "fine_tune_at=400"], ["received 400", "from 0 to 153"]),
        (["--set", "image_size=17"], ["received 17", "a multiple of 32 from 32 to 320"]),
        (["--set", "engine=warp"], ["received 'warp'", "cached, plain"]),
        (["--preset", "large"], ["received 'large'", *PRESETS]),
        (["--name", "two\nlines"], [r"received 'two\nlines'"]),
        (["--colour"], ["unrecognized arguments: --colour"]),
    ],
    ids=" ".join,
)
def test_impossible_training_is_refused_before_anything_starts(
    ask: Ask, tmp_path: Path, arguments: list[str], named: list[str]
) -> None:
    said = ask("train", "--data", "digits", "--json", *arguments)
    assert (said.status, said.out) == (2, "")
    for name in named:
        assert name in said.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "arguments",
    [
        ["paint"],
        ["data", "paint"],
        ["predict"],
        ["export", "paper"],
        ["export", "paper", "--format", "pickle", "--out", "x"],
        ["bench", "everything"],
        ["bench", "predict", "--repeats", "0"],
        ["app", "--port", "many"],
        ["model", "--preset", "large"],
        ["cache", "--clear", "fill"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_exit_2_with_the_reason(ask: Ask, arguments: list[str]) -> None:
    said = ask(*arguments)
    assert (said.status, said.out) == (2, "")
    assert len(said.err) > 20
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["evaluate", "none"],
        ["predict", "photo.jpg"],
        ["predict", "--run", "none", "photo.jpg"],
        ["export", "none", "--format", "keras", "--out", "x"],
        ["train", "--resume", "none"],
        ["data", "inspect"],
        ["train"],
    ],
    ids=" ".join,
)
def test_what_is_not_there_is_exit_1_with_the_reason(ask: Ask, arguments: list[str]) -> None:
    said = ask(*arguments)
    assert (said.status, said.out) == (1, "")
    assert said.err.startswith("imgcls: ")
    assert len(said.err.strip().splitlines()) == 1


def test_tensorflow_does_not_tell_of_failures_that_are_none(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CPP_MIN_LOG_LEVEL", raising=False)
    ask("runs")
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3"


def test_only_known_classes_have_other_names(ask: Ask, drawn_photos: Path) -> None:
    header = ask("data", "inspect", "--data", drawn_photos).out.splitlines()[2]
    assert header.split() == ["folder", "train", "validation", "test"]


def test_data_status(ask: Ask, drawn_photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = ask("data", "status", "--json")
    assert (said.status, said.json["found"]) == (1, False)
    assert "data/imagenette" in said.json["reason"]
    assert ask("data", "status").out.strip() == said.json["reason"]
    monkeypatch.setenv("IMGCLS_DATA", str(drawn_photos))
    said = ask("data", "status", "--json")
    assert (said.status, said.json["found"], said.json["root"]) == (0, True, str(drawn_photos))
    assert said.json["counts"]["train"] == 120
    assert "120 train" in ask("data", "status").out
    assert ask("data", "status", "--data", "digits", "--json").json["name"] == "digits"


def test_runs_with_a_broken_folder_among_them(
    ask: Ask, finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "models"))
    said = ask("runs", "--json")
    assert (said.status, said.json) == (0, [])
    assert "Train one with" in ask("runs").out
    shutil.copytree(finished.path, tmp_path / "models" / finished.id)
    (tmp_path / "models" / "odd").mkdir()
    good, broken = ask("runs", "--json").json
    assert good == {"id": finished.id, **finished.record.to_dict()}
    assert broken == {"id": "odd", "broken": f"{Path('models/odd').absolute()} holds no run.json."}
    said = ask("runs")
    assert said.status == 0
    assert [line.split()[:2] for line in said.out.splitlines()] == [
        ["run", "status"],
        [finished.id, "finished"],
        ["odd", "broken"],
    ]


def test_evaluate_says_what_the_run_says(ask: Ask, with_run: Run) -> None:
    told = ask("evaluate", with_run.id, "--json").json
    assert list(told) == ["validation", "test"]
    for key in ("loss", "accuracy", "n"):
        assert told["test"][key] == pytest.approx(getattr(with_run.test, key), abs=1e-3)
    said = ask("evaluate", with_run.id)
    assert f"{told['test']['loss']:.4f}" in said.out


@pytest.fixture
def folder(tmp_path: Path, drawn_photos: Path) -> Path:
    """Return a folder of two photos and a text, with what is not to be looked at."""
    folder = tmp_path / "photos"
    (folder / "deeper").mkdir(parents=True)
    (folder / ".thumbnails").mkdir()
    shutil.copy(drawn_photos / "val/bar/000.png", folder / "a.png")
    shutil.copy(drawn_photos / "val/disc/001.png", folder / "deeper" / "b.png")
    (folder / "text.jpg").write_text("no photo")
    (folder / ".hidden.png").touch()
    (folder / ".thumbnails" / "c.png").touch()
    return folder


def test_predict_a_folder_with_a_bad_file_among_good_ones(
    ask: Ask, with_run: Run, folder: Path
) -> None:
    said = ask("predict", folder, "--json")
    assert said.status == 1
    first, second, third = said.json
    names = [folder / "a.png", folder / "deeper/b.png", folder / "text.jpg"]
    assert [answer["file"] for answer in (first, second, third)] == list(map(str, names))
    for answer in (first, second):
        assert list(answer) == ["file", "label", "probability", "top", "score", "known", "seconds"]
        assert answer["label"] in with_run.class_names
        assert answer["top"][0] == {"label": answer["label"], "probability": answer["probability"]}
    assert set(third) == {"file", "error"}
    assert "not a picture" in third["error"]


def test_predict_for_people(ask: Ask, with_run: Run, folder: Path) -> None:
    told = ask("predict", folder, "--json").json
    said = ask("predict", folder)
    assert said.status == 1
    lines = said.out.splitlines()
    assert [
        f"{answer['file']}: {answer['label']}, {answer['probability']:.1%}" for answer in told[:2]
    ] == [line.removesuffix(", though unlike the photos it was trained on") for line in lines]
    assert ["though" not in line for line in lines] == [answer["known"] for answer in told[:2]]
    assert f"{told[2]['file']}: {told[2]['error']}" in said.err


def test_predict_one_photo(ask: Ask, with_run: Run, folder: Path) -> None:
    said = ask("predict", folder / "a.png", "--json")
    assert (said.status, len(said.json)) == (0, 1)
    both = ask("predict", folder / "a.png", folder / "deeper" / "b.png", "--json").json
    assert both[0] | {"seconds": 0} == said.json[0] | {"seconds": 0}
    assert ask("predict", folder / "text.jpg", "--json").status == 1


def test_predict_from_a_folder_above(
    ask: Ask, with_run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dots of a path given, as in ../photos, hide nothing."""
    monkeypatch.chdir(folder / "deeper")
    told = ask("predict", "..", "--json").json
    assert [answer["file"] for answer in told] == ["../a.png", "../deeper/b.png", "../text.jpg"]
    (folder / ".thumbnails" / "c.png").write_bytes((folder / "a.png").read_bytes())
    assert ask("predict", "../.thumbnails", "--json").json[0]["file"] == "../.thumbnails/c.png"


def test_predict_an_empty_folder(ask: Ask, with_run: Run, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    said = ask("predict", empty, "--json")
    assert said.status == 1
    assert said.json == [{"file": str(empty), "error": "this folder holds no pictures."}]


def test_predict_by_name_of_the_run(ask: Ask, with_run: Run, folder: Path) -> None:
    for name in (with_run.id, with_run.record.preset):
        said = ask("predict", "--run", name, folder / "a.png", "--json")
        assert [answer["label"] for answer in said.json] == [
            ask("predict", folder / "a.png", "--json").json[0]["label"]
        ]
    said = ask("predict", "--run", "none", folder / "a.png")
    assert said.status == 1
    assert f"Runs: {with_run.id}" in said.err


def test_csv_agrees_with_json(ask: Ask, with_run: Run, folder: Path, tmp_path: Path) -> None:
    named = folder / "Größe, 7.png"
    shutil.copy(folder / "a.png", named)
    table = tmp_path / "tables" / "answers.csv"
    told = ask("predict", folder, "--json", "--csv", table).json
    with table.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = ["file", "label", "probability", "known", "score", "error"]
    assert list(rows[0]) == columns
    assert rows == [{name: str(answer.get(name, "")) for name in columns} for answer in told]
    assert str(named) in [row["file"] for row in rows]


def test_file_name_that_is_no_text(ask: Ask, with_run: Run, folder: Path, tmp_path: Path) -> None:
    """As old archives leave them: a name in the letters of another system."""
    odd = folder / os.fsdecode(b"Gr\xf6\xdfe.png")
    shutil.copy(folder / "a.png", odd)
    (folder / "text.jpg").unlink()
    table = tmp_path / "answers.csv"
    said = ask("predict", folder, "--json", "--csv", table)
    assert (said.status, said.json[0]["file"]) == (0, str(odd))
    assert os.fsencode(odd) in table.read_bytes()
    said = ask("predict", folder)
    assert (said.status, len(said.out.splitlines())) == (0, 3)


def test_output_of_a_terminal_that_knows_only_ascii(
    finished: Run, drawn_photos: Path, tmp_path: Path
) -> None:
    photo = tmp_path / "Größe.png"
    shutil.copy(drawn_photos / "val/bar/000.png", photo)
    arguments = ["-X", "utf8=0", "-m", "imgcls", "predict", str(photo)]
    variables = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    variables["IMGCLS_MODELS"] = str(finished.path.parent)
    for options in ([], ["--json", "--csv", "answers.csv"]):
        done = process(tmp_path, *arguments, *options, **variables)
        assert done.returncode == 0, done.stderr
    assert os.fsencode(json.loads(done.stdout)[0]["file"]) == os.fsencode(photo)
    assert os.fsencode(photo) in (tmp_path / "answers.csv").read_bytes()


def test_export(ask: Ask, with_run: Run, tmp_path: Path) -> None:
    out = tmp_path / "model.zip"
    said = ask("export", with_run.id, "--format", "litert", "--out", out, "--json")
    assert said.status == 0
    assert said.json["file"] == str(out)
    assert said.json["agree"] == said.json["photos"] > 0
    assert said.json["of"] == "held-out photos of shapes"
    assert zipfile.is_zipfile(out)
    said = ask("export", with_run.id, "--format", "litert", "--out", out)
    assert (said.status, said.out) == (1, "")
    assert "exists already" in said.err


def test_cache_is_shown_and_cleared(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_CACHE", str(tmp_path / "cache"))
    assert ask("cache", "--json").json == {"stores": {}, "bytes": 0}
    store = tmp_path / "cache" / "features" / "0123.sqlite"
    store.parent.mkdir(parents=True)
    store.write_bytes(bytes(3_000_000))
    store.with_name("0123.sqlite-wal").write_bytes(bytes(1_000_000))
    told = ask("cache", "--json").json
    assert told == {"stores": {str(store): 4_000_000}, "bytes": 4_000_000}
    assert "4 MB of features are kept." in ask("cache").out
    assert ask("cache", "--clear", "--json").json == {"stores": {}, "bytes": 0}
    assert not list(store.parent.iterdir())


def test_train_digits_then_load_what_was_trained(
    ask: Ask, base_weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "models"))
    settings = ["image_size=32", "initial_epochs=1", "fine_tune_epochs=1"]
    recipe = [part for setting in settings for part in ("--set", setting)]
    recipe += ["--data", "digits", "--weights", str(base_weights), "--json"]
    ask("cache", "--clear")
    filled = ask("cache", "fill", *recipe)
    assert (filled.status, filled.json["missing"]) == (0, 0)
    assert filled.json["computed"] == filled.json["photos"] > 1_000
    assert list(ask("cache", "--json").json["stores"]) == [filled.json["store"]]
    train = ["train", *recipe, "--name", "Größe 7"]
    said = ask(*train)
    assert said.status == 0
    (run,) = store.list_runs(tmp_path / "models")
    assert isinstance(run, Run)
    assert run.record.features_from == "cache"
    assert said.json == {"id": run.id, **run.record.to_dict()}
    assert (run.title, run.status, len(run.record.history)) == ("Größe 7", "finished", 2)
    assert "epoch 2: loss" in said.err
    again = ask(*train)
    assert again.json == said.json
    assert "epoch" not in again.err
    # Digits need no --data: the run knows what it was trained on.
    told = ask("evaluate", "Größe 7", "--json").json
    assert told["test"]["loss"] == pytest.approx(run.test.loss, abs=1e-3)


def test_without_the_wanted_json_the_table_of_the_run_is_printed(
    ask: Ask, with_run: Run, base_weights: Path
) -> None:
    settings = [f"--set={key}={value}" for key, value in with_run.config.to_dict().items()]
    said = ask("train", "--weights", base_weights, *settings)
    assert said.status == 0
    assert said.out.startswith(f"{with_run.title} ({with_run.id}), finished\n")
    for row in with_run.record.history:
        assert f"{row.val_loss:.4f}" in said.out
    assert f"test accuracy {with_run.test.accuracy:.4f} (95 % interval" in said.out


def process(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run Python in `folder`, with a home of its own and warnings as errors."""
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(ROOT), **variables}
    for variable in ("IMGCLS_MODELS", "IMGCLS_DATA", "IMGCLS_CACHE"):
        if variable not in variables:
            environment.pop(variable, None)
    return subprocess.run(
        [sys.executable, "-B", *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )


HEAVY = {"tensorflow", "keras", "pandas", "sklearn", "scipy", "pyarrow", "streamlit", "plotly"}
LOADED = """
import atexit, runpy, sys
atexit.register(lambda: print(*{name.partition(".")[0] for name in sys.modules}, file=sys.stderr))
sys.argv[0] = "imgcls"
runpy.run_module("imgcls", run_name="__main__")
"""


@pytest.mark.parametrize("photos", [["val/bar/000.png"], ["val"]], ids=["one", "a folder"])
def test_predict_never_imports_tensorflow_or_anything_else_that_takes_long(
    finished: Run, drawn_photos: Path, tmp_path: Path, photos: list[str]
) -> None:
    paths = [str(drawn_photos / photo) for photo in photos]
    done = process(
        tmp_path,
        "-c",
        LOADED,
        "predict",
        "--json",
        *paths,
        IMGCLS_MODELS=str(finished.path.parent),
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)[0]["label"] in finished.class_names
    loaded = set(done.stderr.splitlines()[-1].split())
    assert {"imgcls", "numpy", "PIL", "ai_edge_litert"} <= loaded
    assert not loaded & HEAVY


@pytest.mark.parametrize(
    ("arguments", "status"), [(["model", "--json"], 0), (["train", "--set", "a=b"], 2), (["x"], 2)]
)
def test_module_as_a_program(tmp_path: Path, arguments: list[str], status: int) -> None:
    done = process(tmp_path, "-W", "error", "-m", "imgcls", *arguments)
    assert done.returncode == status, done.stderr
    if status == 0:
        assert json.loads(done.stdout)["base_layers"] == 154
    else:
        assert done.stdout == ""
        assert "Traceback" not in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_reader_that_has_read_enough() -> None:
    """As in ``imgcls model | head -1``: no complaint, whatever is left unread."""
    code = "import sys; from imgcls.cli.main import main; sys.exit(main())"
    ends, begins = os.pipe()
    os.close(ends)
    done = subprocess.run(
        [sys.executable, "-c", code, "model"],
        stdout=begins,
        stderr=subprocess.PIPE,
        cwd=ROOT,
        text=True,
        check=False,
    )
    os.close(begins)
    assert (done.returncode, done.stderr) == (1, "")


def test_importing_any_module_does_no_work_and_never_imports_streamlit(tmp_path: Path) -> None:
    modules = [module.name for module in pkgutil.walk_packages(imgcls.__path__, "imgcls.")]
    modules.remove("imgcls.__main__")
    assert len(modules) > 30
    code = f"""
import importlib, sys, threading
for name in {modules}:
    importlib.import_module(name)
    assert "streamlit" not in sys.modules, f"{{name}} imports streamlit"
assert threading.active_count() == 1, threading.enumerate()
"""
    home = tmp_path / "home"
    home.mkdir()
    # Keras writes its configuration when it is imported.
    done = process(home, "-c", code, KERAS_HOME=str(tmp_path / "keras"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert not list(home.rglob("*"))
