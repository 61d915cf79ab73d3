"""The page Results in each of its views, without a browser; see also tests/browser."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from imgcls.data.dataset import open_dataset
from imgcls.runs.files import EMBEDDING
from imgcls.runs.run import Run, load_run, update
from imgcls.training.train import train
from tests.support.app import assert_readable, named, text, visit
from tests.support.runs import copied

VIEWS = ("Test", "Training", "Phases", "Map", "Compare", "Origin")


@pytest.fixture(autouse=True)
def _empty_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("IMGCLS_MODELS", "IMGCLS_DATA", "KERAS_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))


@pytest.fixture
def kept(finished: Run, tmp_path: Path) -> Run:
    """A copy of the finished run that may be changed, on a machine without its photos."""
    path = tmp_path / "imgcls_models" / finished.id
    shutil.copytree(finished.path, path)
    return load_run(path)


def show(view: str, **address: str) -> AppTest:
    app = visit(named("results"), view=view, **address)
    assert_readable(app)
    return app


def show_all() -> dict[str, str]:
    """Open one view after the other and return what each says."""
    app = show(VIEWS[0])
    said = {}
    for view in VIEWS:
        app.session_state["view"] = view
        app.run()
        assert_readable(app)
        said[view] = text(app)
    return said


def test_without_the_photos_it_shows_what_the_run_stored(kept: Run) -> None:
    said = show_all()
    assert all(f"of {kept.test.n:,} test photos" in view for view in said.values())
    assert "The photos of shapes are not on this machine" in said["Test"]
    assert "McNemar" in said["Phases"]
    assert "Did training help?" in said["Training"]
    assert "Each mark is one of" in said["Map"]
    assert kept.file(EMBEDDING).is_file()


def test_with_the_photos(kept: Run, drawn_photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_DATA", str(drawn_photos))
    assert "are not on this machine" not in "".join(show_all().values())


def test_a_run_kept_as_tables_alone(kept: Run) -> None:
    for path in kept.path.iterdir():
        if path.name not in {"run.json", "predictions.parquet", "strangers.parquet"}:
            path.unlink()
    said = show_all()
    assert "kept without its answers after phase 1" in said["Phases"]
    assert "kept without its map" in said["Map"]


@pytest.fixture(scope="module")
def of_two_classes(
    drawn_photos: Path, base_weights: Path, tmp_path_factory: pytest.TempPathFactory
) -> Run:
    """A run on two classes of one's own, as few photos as somebody tries it with."""
    from imgcls.config import with_settings
    from imgcls.presets import PRESETS

    photos = tmp_path_factory.mktemp("own") / "mine"
    for shape in ("bar", "disc"):
        (photos / shape).mkdir(parents=True)
        for path in sorted((drawn_photos / "train" / shape).iterdir())[:15]:
            shutil.copy(path, photos / shape)
    settings = ["image_size=32", "initial_epochs=1", "fine_tune_epochs=1"]
    config = with_settings(PRESETS["paper"], settings)
    models = tmp_path_factory.mktemp("models")
    dataset = open_dataset(photos)
    return train(config, dataset, models, preset="paper", weights_file=base_weights)


def test_two_classes_of_ones_own(of_two_classes: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(of_two_classes.path.parent))
    said = show_all()
    assert "Is the test fair?" not in said["Test"]  # only of Imagenette anything is known
    assert not [view for view, shown in said.items() if "nan %" in shown]


def test_an_unfinished_run_shows_what_there_is(kept: Run) -> None:
    update(kept, status="stopped", test=None, history=())
    app = show("Test")  # which it does not have
    assert [tab.label for tab in app.tabs] == ["Training", "Compare", "Origin"]
    assert "**stopped**: 0 of 4 epochs are over" in text(app)


def test_a_run_is_named_and_starred(kept: Run) -> None:
    app = show("Compare")
    app.text_input[0].input("the good one").run()
    assert load_run(kept.path).title == "the good one"
    (button,) = (button for button in app.button if button.label == "Star it")
    button.click().run()
    assert load_run(kept.path).starred
    assert_readable(app)
    assert any(option.startswith("★ the good one") for option in app.multiselect[0].options)


def test_a_name_that_is_taken_is_explained(kept: Run) -> None:
    shutil.copytree(kept.path, kept.path.with_name("other"))
    app = show("Compare", run=kept.id)
    app.text_input[0].input("other").run()
    assert ["Another run is called other already" in error.value for error in app.error] == [True]
    assert load_run(kept.path).title == kept.title


def test_where_training_is_off_runs_cannot_be_changed(
    kept: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_TRAINING", "off")
    app = show("Compare")
    assert "On this server runs cannot be changed" in text(app)
    assert not app.text_input
    assert not [button for button in app.button if "Delete" in button.label]


def test_runs_side_by_side(kept: Run) -> None:
    copied(kept, kept.path.with_name("other"), settings={"dropout": 0.5})
    app = show("Compare")
    differing = app.table[0].value
    assert list(differing.index) == ["Dropout"]  # as Train calls it
    assert sorted(differing.loc["Dropout"]) == ["0.2", "0.5"]
    app.multiselect[0].set_value([]).run()
    assert "Choose some runs above." in "\n".join(info.value for info in app.info)


def test_the_least_sure_right_answers(kept: Run) -> None:
    app = show("Test")
    (which,) = (
        group for group in app.button_group if "Least confident right answers" in group.options
    )
    assert "Surest first" in text(app)
    which.set_value("Least confident right answers").run()
    assert_readable(app)
    assert "Least sure first" in text(app)


def test_the_classifier_is_taken_away_with_its_proof(
    kept: Run, drawn_photos: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_DATA", str(drawn_photos))
    app = show("Origin")
    app.button("export html").click().run()
    assert_readable(app)
    (proof,) = app.success
    held_out = sum(kept.record.data.count(split) for split in ("validation", "test"))
    assert f"Agrees on {held_out} of {held_out} held-out photos of shapes" in proof.value
    assert app.get("download_button")


def test_what_cannot_be_exported_says_why(kept: Run) -> None:
    app = show("Origin")
    assert "Needs the photos of shapes, which are not on this machine" in text(app)
    assert app.button("export litert-int8").disabled
    kept.file("model.keras").unlink()
    app = show("Origin")
    assert app.button("export onnx").disabled
    assert not app.button("export html").disabled
