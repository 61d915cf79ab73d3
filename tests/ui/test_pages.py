import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psutil
import pytest

from imgcls.data.bundled import sample_photos
from imgcls.data.dataset import open_dataset
from imgcls.presets import ABOUT, PRESETS
from imgcls.runs.run import Run
from imgcls.training import jobs, train
from pages.components import training_status
from pages.navigation import PAGES, Screen
from tests.support.app import APP, assert_readable, named, text, visit
from tests.support.datasets import draw_shape
from tests.support.runs import copied

pytestmark = pytest.mark.usefixtures("empty_machine")
WORDS = 40
every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


@every_page
def test_with_nothing_there_it_says_what_to_do(page: Screen) -> None:
    assert_readable(visit(page))


@every_page
def test_a_broken_run_is_listed_and_stops_nothing(page: Screen, tmp_path: Path) -> None:
    broken = tmp_path / "imgcls_models" / "half"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text('{"schema": 1, "sta')
    app = visit(page)
    assert_readable(app)
    assert [expander.label for expander in app.sidebar.expander] == ["Broken runs (1)"]
    assert "**half** is left out" in app.sidebar.expander[0].caption[0].value


@every_page
def test_with_a_run_and_a_dataset_it_is_readable(page: Screen, trained: Run) -> None:
    app = visit(page)
    assert_readable(app)
    assert app.sidebar.selectbox(key="run").value == trained.id
    assert app.sidebar.selectbox(key="data").value == "shapes"
    if page.name in ("overview", "train", "results"):  # nobody reads more before the pictures
        assert not [line for line in text(app).splitlines() if len(line.split()) > WORDS]


def test_an_address_with_a_former_id_leads_to_the_run(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "two"
    monkeypatch.setenv("IMGCLS_MODELS", str(models))
    copied(trained, models / "newer", created="2099-01-01T00:00:00+00:00")
    old = copied(trained, models / "former folder", id="paper-0123abcd", former_ids=("paper-1",))
    for named_so in (old.id, "paper-1", "former folder", "mine-0123abcd"):
        app = visit(PAGES[0], run=named_so)
        assert_readable(app)
        assert app.sidebar.selectbox(key="run").value == old.id
        assert not app.sidebar.warning
        assert old.title in app.query_params["run"]
    app.sidebar.selectbox(key="run").set_value("newer").run()
    assert app.session_state["run"] == "newer"
    assert_readable(app)


@every_page
def test_what_fails_unexpectedly_is_a_sentence(
    page: Screen,
    trained: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail() -> None:
        raise ZeroDivisionError("the reason")

    app = visit(page)
    for module in list(sys.modules.values()):
        if hasattr(module, "current_run"):
            monkeypatch.setattr(module, "current_run", fail)
    app.run()
    assert not app.exception
    shown = "\n".join(error.value for error in app.error)
    assert "the reason" not in shown
    # Only a page that asks for the run can fail here.
    assert ("Something went wrong" in shown) == ("the reason" in caplog.text)


def test_no_page_imports_tensorflow(trained: Run) -> None:
    code = (
        "import sys\n"
        "from pages.navigation import PAGES\n"
        "from tests.support.app import assert_readable, visit\n"
        "for page in PAGES:\n"
        "    assert_readable(visit(page))\n"
        "assert not {'tensorflow', 'keras'} & sys.modules.keys()\n"
    )
    subprocess.run(
        [sys.executable, "-c", code],
        check=True,
        cwd=APP.parent,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(APP.parent), str(APP.parent / "tests")]),
        },
    )


def test_overview_answers_before_anything_is_done(trained: Run) -> None:
    app = visit(named("overview"))
    assert [metric.label for metric in app.metric] == [
        "Test accuracy",
        "Test loss",
        "Epochs",
        "Training time",
    ]
    assert "This answer took" in text(app)


def test_train_begins_with_a_run_when_asked(trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    app = visit(named("train"))
    (box,) = (box for box in app.selectbox if box.label == "Begin with")
    assert box.value is None
    box.select(trained.id).run()
    assert_readable(app)
    assert f"Base weights: those that {trained.title} has fine-tuned." in text(app)
    asked: list[dict[str, Any]] = []
    monkeypatch.setattr(jobs, "start_training", lambda *_, **options: asked.append(options))
    (button,) = (button for button in app.button if button.label == "Train")
    button.click().run()
    assert asked == [{"start_from": trained.id}]


def test_a_training_that_was_watched_ends_beside_its_recipe(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(train, "find_run", lambda *_, **__: trained)  # what is chosen on the form
    app = visit(named("train"))
    app.session_state[training_status.WATCHED] = trained.id
    app.run()
    assert_readable(app)
    assert [button.label for button in app.button].count("Show its results") == 1


def test_a_stopped_training_is_resumed_beside_another_one(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "two"))
    watched, chosen = (
        copied(trained, tmp_path / "two" / id, id=id, status="stopped")
        for id in ("paper-0000aaaa", "paper-0000bbbb")
    )
    monkeypatch.setattr(train, "find_run", lambda *_, **__: chosen)
    app = visit(named("train"))
    app.session_state[training_status.WATCHED] = watched.id
    app.run()
    assert_readable(app)
    assert [button.label for button in app.button].count("Resume") == 2


def test_after_a_reload_a_stopped_training_can_still_be_resumed(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "two"))
    stopped, _ = (
        copied(trained, tmp_path / "two" / id, id=id, status=status, history=(), created=created)
        for id, status, created in (
            ("paper-0000aaaa", "stopped", "2099-01-02T00:00:00+00:00"),
            ("paper-0000bbbb", "failed", "2099-01-01T00:00:00+00:00"),
        )
    )
    asked: list[str] = []
    monkeypatch.setattr(jobs, "resume_training", lambda _, __, id: asked.append(id))
    app = visit(named("train"))
    assert_readable(app)
    assert "is stopped: 0 of 4 epochs are over" in text(app)
    (button,) = (button for button in app.button if button.label == "Resume")
    button.click().run()
    assert asked == [stopped.id]
    monkeypatch.setattr(train, "find_run", lambda *_, **__: stopped)  # what is chosen on the form
    app = visit(named("train"))
    assert_readable(app)
    assert [button.label for button in app.button].count("Resume") == 1
    monkeypatch.setenv("IMGCLS_TRAINING", "off")
    assert "is stopped" not in text(visit(named("train")))


def test_the_address_names_the_dataset(trained: Run) -> None:
    app = visit(named("dataset"), data="digits")
    assert_readable(app)
    assert "Digits: 1,797 photos" in text(app)
    assert "No run yet" in text(app)
    # A page change keeps it.
    app.switch_page("pages/predict/page.py").run()
    assert app.session_state["data"] == "digits"


def test_an_address_that_names_what_is_not_here_says_so(trained: Run) -> None:
    app = visit(named("overview"), run="theirs")
    assert not app.exception
    assert "there is no **theirs** here" in app.sidebar.warning[0].value
    assert app.session_state["run"] == trained.id


def test_folders_outside_of_what_is_allowed_are_not_offered(
    drawn_photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed" / "link").symlink_to(drawn_photos)
    (tmp_path / "allowed" / "own").mkdir()
    monkeypatch.setenv("IMGCLS_DATA_ROOTS", str(tmp_path / "allowed"))
    app = visit(named("dataset"), data=str(drawn_photos))
    assert app.sidebar.selectbox(key="data").options == ["own", "Digits"]


def test_a_folder_that_is_no_dataset_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "allowed" / "empty").mkdir(parents=True)
    monkeypatch.setenv("IMGCLS_DATA_ROOTS", str(tmp_path / "allowed"))
    app = visit(named("dataset"), data="empty")
    assert not app.exception
    assert ["at least two are needed" in error.value for error in app.error] == [True]


def test_samples_change_with_class_split_and_draw(trained: Run) -> None:
    app = visit(named("dataset"))
    app.selectbox(key="class").select("disc").run()
    (button,) = (button for button in app.button if button.label == "Show others")
    button.click().run()
    assert_readable(app)
    assert "12 of 40 train photos" in text(app)


@pytest.mark.parametrize(
    "example", ["A temple", "A flower", "A drawn golf ball", "Random test photos"]
)
def test_examples_are_answered(trained: Run, example: str) -> None:
    app = visit(named("predict"))
    app.pills[0].select(example).run()
    assert_readable(app)
    assert "This answer took" in text(app)


def test_a_bad_file_gets_its_sentence_and_stops_nothing(trained: Run) -> None:
    app = visit(named("predict"))
    app.file_uploader[0].set_value(
        [
            ("notes.txt", b"no picture", "text/plain"),
            ("ball.png", sample_photos()["A drawn golf ball"], "image/png"),
        ]
    ).run()
    assert not app.exception
    (table,) = (shown.value for shown in app.dataframe if "file" in shown.value)
    assert table["file"].tolist() == ["notes.txt", "ball.png"]
    assert table["what is wrong"].tolist() == [
        "this is not a picture that can be read; accepted are JPEG, PNG, WebP, AVIF, HEIC, GIF, "
        "BMP and TIFF.",
        "",
    ]
    assert table["answer"][1] in trained.class_titles
    # The first row is picked.
    assert [error.value for error in app.error] == [f"**notes.txt**: {table['what is wrong'][0]}"]
    # Nothing stays in the field: what is dropped next is added.
    assert app.file_uploader[0].value == []
    app.file_uploader[0].set_value([("b.png", sample_photos()["A flower"], "image/png")]).run()
    (table,) = (shown.value for shown in app.dataframe if "file" in shown.value)
    assert table["file"].tolist() == ["b.png", "notes.txt", "ball.png"]


def test_a_correction_says_what_would_have_to_change_and_is_counted(trained: Run) -> None:
    app = visit(named("predict"))
    app.pills[0].select("A temple").run()
    (right,) = (box for box in app.selectbox if box.label.startswith("This is wrong"))
    right.select(right.options[0]).run()
    assert_readable(app)
    assert "would have to grow" in text(app)
    assert "0.0 % of 1 answer " in text(app)
    (right,) = (box for box in app.selectbox if box.label.startswith("This is wrong"))
    right.select("none of them").run()
    assert "score of likeness" in text(app)


def test_what_counts_as_known_can_be_changed(trained: Run) -> None:
    app = visit(named("predict"))
    app.pills[0].select("A drawn golf ball").run()
    column = "false_positives"
    taken = next(shown.value for shown in app.dataframe if column in shown.value)[column]
    app.slider(key="kept").set_value(80.0).run()
    assert_readable(app)
    fewer = next(shown.value for shown in app.dataframe if column in shown.value)[column]
    assert (fewer <= taken).all()
    assert fewer.sum() < taken.sum()


def test_a_run_that_is_deleted_while_in_use_gives_way(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "imgcls_models"
    shutil.copytree(trained.path, models / trained.id)
    shutil.copytree(trained.path, models / "copy")
    monkeypatch.setenv("IMGCLS_MODELS", str(models))
    app = visit(named("overview"), run="copy")
    assert app.session_state["run"] == "copy"
    shutil.rmtree(models / "copy")
    app.run()
    assert_readable(app)
    assert app.session_state["run"] == trained.id


@pytest.mark.parametrize(
    ("status", "label"), [("stopped", "Go to Results"), ("finished", "Go to Train")]
)
def test_who_cannot_ask_a_run_is_led_to_where_it_is_resumed(
    status: Literal["stopped", "finished"],
    label: str,
    trained: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = copied(trained, tmp_path / "one" / "run", status=status)
    (run.path / "model.tflite").unlink()
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "one"))
    links = [link.proto.label for link in visit(named("predict")).get("page_link")]
    assert links == [label]


def test_a_run_without_its_program_is_explained(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained.path, tmp_path / "imgcls_models" / trained.id)
    (tmp_path / "imgcls_models" / trained.id / "model.tflite").unlink()
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "imgcls_models"))
    app = visit(named("predict"), example="A temple")
    assert_readable(app)
    assert "is kept as tables alone" in text(app)
    assert_readable(visit(named("overview")))
    assert_readable(visit(named("results")))


def test_where_training_is_off_nothing_offers_it(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_TRAINING", "off")
    app = visit(named("train"))
    assert_readable(app)
    assert "Trainings cannot be started on this server" in text(app)
    assert not [button.label for button in app.button if "Train" in button.label]


def test_train_has_tensorflow_loaded_before_it_is_asked_for(
    trained: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_WARM", "on")
    app = visit(named("train"))
    assert_readable(app)
    (ready,) = (
        child for child in psutil.Process().children() if "imgcls.training.warm" in child.cmdline()
    )
    ready.kill()


def test_a_run_whose_file_for_explanations_is_damaged_is_explained(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained.path, tmp_path / "imgcls_models" / trained.id)
    (tmp_path / "imgcls_models" / trained.id / "head.npz").write_bytes(b"damaged")
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "imgcls_models"))
    app = visit(named("predict"))
    app.pills[0].select("A temple").run()
    assert not app.exception
    assert ["head.npz is damaged" in error.value for error in app.error] == [True]


def test_a_preset_is_a_card_and_only_what_differs_from_it_stands_above_the_form(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "models"))
    copied(trained, tmp_path / "models" / trained.id, id=trained.id, config=PRESETS["scratch"])
    app = visit(named("train"))
    assert_readable(app)
    said = text(app)
    assert all(about in said for about in ABOUT.values())
    assert f"of {trained.test.n} test photos (95 % interval" in said
    assert said.count("Not trained on these photos yet") == len(PRESETS) - 1
    assert "**Changed:**" not in said
    assert "preset" not in app.query_params
    next(button for button in app.button if button.label == "Choose Noise 50").click().run()
    assert_readable(app)
    assert app.query_params["preset"] == "noise-50"
    app.number_input(key="noise-50.seed").set_value(7).run()
    assert "**Changed:** seed 7, not 1." in text(app)
    assert [button.label for button in app.button if button.proto.type == "primary"] == ["Train"]
    default = next(button for button in app.button if button.label.startswith("Choose Paper"))
    default.click().run()
    assert "preset" not in app.query_params


def test_a_link_to_train_names_the_preset(trained: Run) -> None:
    app = visit(named("train"), preset="hires")
    assert "Choose Hires" not in [button.label for button in app.button]
    assert app.query_params["preset"] == "hires"
    app = visit(named("train"), preset="no such")
    assert_readable(app)
    assert "Choose Hires" in [button.label for button in app.button]
    assert "preset" not in app.query_params


@pytest.mark.parametrize("photos", [5, 30])
def test_random_test_photos_are_as_many_as_there_are(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, photos: int
) -> None:
    random = np.random.default_rng(0)
    for shape in ("bar", "disc"):
        for number in range(photos):
            path = tmp_path / "shapes" / shape / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            draw_shape(shape, random).save(path)
    monkeypatch.setenv("IMGCLS_DATA", str(tmp_path / "shapes"))
    held_out = open_dataset(tmp_path / "shapes").split("test")
    app = visit(named("predict"))
    app.pills[0].select("Random test photos").run()
    assert_readable(app)
    assert len(app.session_state["answers"][trained.id]) == min(3, len(held_out))


def test_where_there_are_no_test_photos_that_is_said(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_DATA", str(tmp_path / "shapes"))
    (tmp_path / "shapes" / "only").mkdir(parents=True)
    app = visit(named("predict"))
    app.pills[0].select("Random test photos").run()
    assert not app.exception
    assert any("no test photos" in error.value for error in app.error)


def test_a_name_that_another_run_has_is_refused_on_the_form(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "named"))
    copied(trained, tmp_path / "named" / trained.id, name="mine", id=trained.id)
    app = visit(named("train"))
    (name,) = (field for field in app.text_input if field.label == "Name of the run (optional)")
    name.set_value(" mine ").run()
    (button,) = (button for button in app.button if button.label == "Train")
    button.click().run()
    assert ["Another run is called mine already" in error.value for error in app.error] == [True]
    assert not (tmp_path / "named" / jobs.JOB).exists()


def test_train_offers_each_network_where_it_works(trained: Run) -> None:
    app = visit(named("train"))
    app.selectbox(key="paper.architecture").select("mobilenet_v3_large").run()
    assert_readable(app)
    assert not app.error
    (engine,) = (box for box in app.selectbox if box.label == "Engine")
    (boundary,) = (slider for slider in app.slider if slider.label == "Fine tune at")
    assert engine.options == ["plain"]
    assert boundary.max == 185
    assert any("bottleneck 14" in shown.value.to_string() for shown in app.dataframe)
