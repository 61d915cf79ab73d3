"""The lesson on Learn: every part, whatever there is to show it with."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from imgcls.data.bundled import sample_photos
from imgcls.data.collections import store as collection_store
from imgcls.inference.predictor import Predictor
from imgcls.lesson.augmentation import CHANGES
from imgcls.lesson.small_data import learning_curves
from imgcls.paths import collections_dir
from imgcls.runs.files import PREDICTIONS, RECORD
from imgcls.runs.run import Run
from tests.support.app import assert_readable, named, text, visit
from tests.support.datasets import drawn_zip
from tests.support.repository import ROOT
from tests.support.shipped import shipped

pytestmark = pytest.mark.usefixtures("empty_machine")
PARTS = (
    *("Convolution", "Features", "Boundary", "Phases", "Limits", "Photos"),
    *("Choices", "Augmentation", "Break"),
)
WITH_PHOTO = ("Convolution", "Features", "Phases", "Augmentation", "Break")
SHIPPED = (
    "hires",
    "paper, layers from 54 on",  # tables alone
    "scratch",  # the small CNN
    "paper on digits",
    "scratch on digits",
    "leave-out",
)


def learn(part: str, **address: str) -> AppTest:
    app = visit(named("learn"), part=part, **address)
    assert f"Part {PARTS.index(part) + 1} of {len(PARTS)}" in text(app)
    return app


def parts(**address: str) -> Iterator[tuple[str, AppTest]]:
    """Open one part after the other."""
    app = learn(PARTS[0], **address)
    for part in PARTS:
        app.session_state["part"] = part
        app.run()
        assert f"Part {PARTS.index(part) + 1} of {len(PARTS)}" in text(app)
        yield part, app


def test_with_nothing_there_it_teaches_all_the_same() -> None:
    for _, app in parts():
        assert_readable(app)


def test_with_a_run_it_is_readable(trained: Run) -> None:
    for part, app in parts():
        assert_readable(app)
        assert bool([pills for pills in app.pills if pills.label == "Photo to work with"]) == (
            part in WITH_PHOTO
        )


@pytest.mark.parametrize("run", SHIPPED)
def test_with_every_kind_of_run_it_is_readable(run: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(ROOT / "models"))
    id = shipped(run).id
    for _, app in parts(run=id):
        assert app.session_state["run"] == id
        assert_readable(app)


def test_a_run_whose_program_is_damaged_is_explained(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(trained.path, tmp_path / "imgcls_models" / trained.id)
    (tmp_path / "imgcls_models" / trained.id / "model.tflite").write_bytes(b"damaged")
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "imgcls_models"))
    for _, app in parts():
        assert not app.exception
        assert all("is damaged" in error.value for error in app.error)


def test_each_part_leads_to_the_next_and_the_last_one_out(trained: Run) -> None:
    app = learn(PARTS[0])
    for part in PARTS[1:]:
        (button,) = (button for button in app.button if button.label.startswith("Next: "))
        app = button.click().run()
        assert_readable(app)
        assert app.session_state["part"] == part
    assert "That was the lesson" in text(app)
    assert not [button for button in app.button if button.label.startswith("Next: ")]


def test_the_minutes_are_those_of_the_plan(trained: Run) -> None:
    starts = []
    minute = 0
    for part, app in parts():
        starts.append(f"| {minute} | [{part}](/learn?part={part}): ")
        (about,) = (caption.value for caption in app.caption if caption.value.startswith("Part "))
        minute += int(about.split("about ")[1].split()[0])
    assert minute == 30 + 14  # three parts are for those who have more time
    plan = (ROOT / "docs" / "lesson-plan.md").read_text()
    for start in starts:
        assert start in plan


def test_the_window_walks(trained: Run) -> None:
    app = learn("Convolution")
    app.slider(key="place").set_value(1).run()
    assert_readable(app)
    assert "row 1, column 1" in text(app)
    app.slider(key="bias").set_value(2.5).run()
    assert "plus bias 2.50" in text(app)


@pytest.mark.parametrize("kernel", ["Blur", "One of the network's own", "Typed in"])
def test_every_kind_of_kernel_can_be_chosen(kernel: str, trained: Run) -> None:
    app = learn("Convolution")
    (pills,) = (pills for pills in app.pills if pills.label == "Kernel")
    pills.select(kernel).run()
    assert_readable(app)
    assert "Sum of the nine products" in text(app)


def test_a_run_kept_as_tables_has_no_kernels_of_its_own(
    trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "imgcls_models" / trained.id
    kept.mkdir(parents=True)
    for name in (RECORD, PREDICTIONS):
        shutil.copy(trained.path / name, kept)
    monkeypatch.setenv("IMGCLS_MODELS", str(kept.parent))
    app = learn("Convolution")
    assert_readable(app)
    assert "kept as tables alone" in text(app)
    (pills,) = (pills for pills in app.pills if pills.label == "Kernel")
    assert "One of the network's own" not in pills.options


def test_a_photo_of_ones_own_is_used_and_kept_between_the_parts(trained: Run) -> None:
    app = learn("Convolution")
    app.pills(key="photo").select("Your own").run()
    assert "Until then, an example is used" in text(app)
    ball = ("ball.png", sample_photos()["A drawn golf ball"], "image/png")
    app.file_uploader[0].set_value(ball).run()
    assert_readable(app)
    assert "In use: ball.png" in text(app)
    for _ in range(3):
        (button,) = (button for button in app.button if button.label.startswith("Next: "))
        app = button.click().run()
        assert_readable(app)
    assert "In use: ball.png" in text(app)


def test_a_file_that_is_no_picture_gets_its_sentence(trained: Run) -> None:
    app = learn("Convolution")
    app.pills(key="photo").select("Your own").run()
    app.file_uploader[0].set_value(("notes.txt", b"no picture", "text/plain")).run()
    assert not app.exception
    (error,) = app.error
    assert "**notes.txt**: this is not a picture that can be read" in error.value
    assert "Sum of the nine products" in text(app)


def test_the_boundary_moves_and_names_the_nearest_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(ROOT / "models"))
    paper = shipped("paper").id
    app = learn("Boundary", run=paper)
    figures = {metric.label: metric.value for metric in app.metric}
    assert figures["Trained in phase 2"] == "1,442,634"
    assert figures["Cached"] == "141 MB"
    assert "The run there is **Paper recipe, 160 px**" in text(app)
    app.slider(key=f"boundary {paper}").set_value(60).run()
    assert_readable(app)
    assert "is **Paper recipe, 160 px, fine tune at 54**, trained from layer 54" in text(app)
    app.slider(key=f"boundary {paper}").set_value(9).run()
    assert "more than the cache may hold" in text(app)


def test_dropout_draws_again(trained: Run) -> None:
    app = learn("Choices")
    (button,) = (button for button in app.button if button.label == "Next step")
    drawn = {sentence(app, "units are off")}
    for _ in range(3):
        button.click().run()
        drawn.add(sentence(app, "units are off"))
    assert len(drawn) > 1
    app.slider(key="rate of dropout").set_value(0.0).run()
    assert sentence(app, "units are off").startswith("**0 of 64**")


def test_a_head_with_two_bits_a_weight_answers_too(trained: Run) -> None:
    app = learn("Choices")
    app.select_slider(key="bits").set_value(2).run()
    assert_readable(app)
    (values,) = (shown.value for shown in app.metric if shown.label.startswith("Values"))
    assert values == "3"
    assert "is measured when it is exported with them" in text(app)


def sentence(app: AppTest, part: str) -> str:
    (found,) = (shown.value for shown in app.markdown if part in shown.value)
    return str(found)


def test_cross_entropy_follows_the_logits(trained: Run) -> None:
    app = learn("Choices")
    before = sentence(app, "Cross-entropy of the softmax")
    app.slider(key="logit 0").set_value(8.0).run()
    after = sentence(app, "Cross-entropy of the softmax")
    assert "**0.318**" in before
    assert "**0.001**" in after


def test_the_photo_as_it_is_stands_beside_its_changes(trained: Run) -> None:
    app = learn("Augmentation")
    assert_readable(app)
    image = next(iter(sample_photos().values()))
    answer = Predictor(trained).predict(image)
    title = trained.class_titles[trained.class_names.index(answer.label)]
    app.select_slider[0].set_value(0).run()
    captions = [picture.caption for each in app.get("image") for picture in each.proto.imgs]
    assert [caption.split(":")[0] for caption in captions] == list(CHANGES)
    # At strength 0 these two change nothing.
    cropped, noisy = (
        caption.partition(": ")[2]
        for caption in captions
        if caption.startswith(("cropped", "noisy"))
    )
    assert cropped == noisy
    assert cropped.startswith(title)


def test_a_guess_is_compared_and_the_sentence_follows_the_photos() -> None:
    app = learn("Photos")
    assert "leads" not in text(app), "before the guess"
    app.segmented_control(key="guess pretrained").set_value("20").run()
    (button,) = (button for button in app.button if button.label == "Show what was measured")
    button.click().run()
    assert_readable(app)
    assert "**Pretrained: 5 or fewer.** Your guess: 20." in text(app)
    said = set()
    for photos in (5, 50):
        app.select_slider(key="photos a class").set_value(photos).run()
        said.add(sentence(app, "leads"))
    assert len(said) == 2
    (table,) = app.dataframe
    curves = learning_curves()
    known = curves[curves["photos_per_class"] == photos].sort_values("accuracy", ascending=False)
    assert table.value["way"].tolist() == known["name"].tolist()


def test_the_digits_are_a_click_away(trained: Run) -> None:
    app = learn("Limits")
    (button,) = (button for button in app.button if button.label == "Try it: train on digits")
    button.click().run()
    assert_readable(app)
    assert app.title[0].value == "Train"
    assert app.sidebar.selectbox(key="data").value == "digits"


def test_ones_own_classes_have_their_curve(trained: Run) -> None:
    assert "Collect a few photos" in text(learn("Photos"))
    made = collection_store.create(collections_dir(), "Mine")
    made.add([("shapes.zip", drawn_zip(6, ("bar", "disc")))])
    app = learn("Photos", data="Mine")
    assert_readable(app)
    assert "Your own 2 classes, 12 different photos" in text(app)


def test_the_best_try_of_each_class_is_kept(trained: Run) -> None:
    app = learn("Break")
    (board,) = app.dataframe
    assert len(board.value) == 1
    (box,) = (box for box in app.selectbox if box.label == "It shall be taken for")
    for title in trained.class_titles:
        box.select(title).run()
    first, second = list(sample_photos())[:2]
    shares = {}
    for name in (first, second):
        photo = sample_photos()[name]
        shares[name] = Predictor(trained).predict(photo).probabilities
        app.pills[0].select(name).run()
        for title in trained.class_titles:
            box.select(title).run()
    (board,) = app.dataframe
    kept = board.value.set_index("class")
    assert sorted(kept.index) == sorted(trained.class_titles)
    for place, title in enumerate(trained.class_titles):
        best = max(shares, key=lambda name: shares[name][place])
        assert kept.loc[title, "photo"] == best
        assert "%" in str(kept.loc[title, "best"])
