import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from imgcls.networks.weights import keras_path
from imgcls.training import jobs
from tests.support.browser import Server, Visitor, serve, visit

pytestmark = pytest.mark.browser
SECONDS = 240  # until TensorFlow is loaded and something is trained, on a busy machine


@pytest.fixture(scope="module")
def digits_server(base_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the app with nothing but base weights, where Keras looks for them."""
    folder = tmp_path_factory.mktemp("digits")
    weights = folder / "keras" / "models" / keras_path(32).name
    weights.parent.mkdir(parents=True)
    shutil.copy(base_weights, weights)
    variables = {
        "IMGCLS_MODELS": str(folder / "models"),
        "IMGCLS_DATA": str(folder / "nothing"),
        "KERAS_HOME": str(folder / "keras"),
    }
    yield from serve(folder / "models", variables)
    jobs.stop(folder / "models")


@pytest.fixture
def teacher(browser: Browser, digits_server: Server) -> Iterator[Visitor]:
    yield from visit(browser, digits_server)


@pytest.fixture
def student(browser: Browser, digits_server: Server) -> Iterator[Visitor]:
    yield from visit(browser, digits_server)


def set_up(visitor: Visitor, fine_tune_epochs: int) -> None:
    """Choose a recipe that takes seconds."""
    change_the_recipe(visitor)
    visitor.choose("Image size", "32")
    field = visitor.page.get_by_label("Fine tune epochs", exact=True)
    field.fill(str(fine_tune_epochs))
    field.press("Enter")
    visitor.wait()


def change_the_recipe(visitor: Visitor) -> None:
    visitor.page.get_by_text("Change the recipe", exact=True).click()


def progress(visitor: Visitor) -> Locator:
    return visitor.page.get_by_test_id("stProgress")


@pytest.mark.slow
def test_watch_a_training_stop_it_and_resume_it(teacher: Visitor, student: Visitor) -> None:
    teacher.arrive("/train")
    set_up(teacher, fine_tune_epochs=16)
    teacher.page.get_by_role("button", name="Train", exact=True).click()
    teacher.see("A training is starting")
    expect(progress(teacher)).to_contain_text("Phase 2 of 2", timeout=SECONDS * 1000)
    before = progress(teacher).inner_text()
    expect(progress(teacher)).not_to_have_text(before)
    expect(teacher.page.get_by_role("figure", name="Accuracy per epoch")).to_be_visible()
    teacher.see_picture("Phase 2: fine-tuning, 16 epochs")
    teacher.see("of phase 2")
    teacher.see("photos after epoch")

    teacher.page.reload()
    teacher.see("is being trained on Digits")
    student.arrive("/train")
    student.see("is being trained on Digits")

    student.press("Stop")
    expect(student.page.get_by_role("button", name="Resume")).to_be_visible()
    teacher.see("of 19 epochs are over")
    teacher.press("Resume")
    student.page.reload()
    student.see("A training is starting")
    for visitor in (teacher, student):
        finished = visitor.page.get_by_role("heading", name=": finished")
        expect(finished).to_be_visible(timeout=SECONDS * 1000)
        visitor.wait()

    # The same recipe once more is not trained again.
    set_up(student, fine_tune_epochs=16)
    student.see("Trained already, on")
    student.press("Show its results")
    expect(student.page.get_by_role("heading", name="Results", exact=True)).to_be_visible()
    student.see("of 64 test photos")


def test_an_impossible_recipe_is_explained(teacher: Visitor) -> None:
    teacher.arrive("/train")
    change_the_recipe(teacher)
    teacher.choose("Architecture", "small_cnn")
    teacher.see("small_cnn has one phase and nothing frozen to cache")
    expect(teacher.page.get_by_role("button", name="Train", exact=True)).to_have_count(0)


def test_the_parameters_follow_the_freeze_layer(teacher: Visitor) -> None:
    teacher.arrive("/train")
    change_the_recipe(teacher)
    teacher.see("1,442,634")
    teacher.page.get_by_role("slider", name="Fine tune at").press("Home")
    teacher.see("the cached engine needs the first bottleneck frozen")
    teacher.choose("Engine", "plain")
    teacher.see("2,306,506")


def test_base_weights_of_another_size_are_named(teacher: Visitor) -> None:
    teacher.arrive("/train")
    change_the_recipe(teacher)
    teacher.choose("Image size", "96")  # for which Keras has a file of its own
    teacher.see("made for 224 px, the nearest on this machine")
    expect(teacher.page.get_by_role("button", name="Fetch Keras's own")).to_be_visible()
