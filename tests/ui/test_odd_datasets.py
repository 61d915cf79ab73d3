"""Pages on datasets with few photos or copies, and on runs that went wrong."""

import math
import shutil
from pathlib import Path

import msgspec
import pytest
from streamlit.testing.v1 import AppTest

from imgcls.runs.files import COMPONENTS
from imgcls.runs.record import Missing
from imgcls.runs.run import Run
from tests.support.app import assert_readable, named, text, visit
from tests.support.repository import ROOT
from tests.support.runs import copied

WHY = "The network makes the same of every photo: its features have collapsed."


@pytest.fixture
def models(trained: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "models"))
    return tmp_path / "models"


def show(page: str, **address: str) -> AppTest:
    app = visit(named(page), **address)
    assert_readable(app)
    return app


def test_what_makes_figures_worth_less_is_said_on_dataset(
    drawn_photos: Path, tmp_path: Path, empty_machine: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part, photos in (("train", 6), ("val", 2)):
        for shape, kept in (("bar", photos), ("disc", 1)):
            folder = tmp_path / "pets" / part / shape
            folder.mkdir(parents=True)
            for photo in sorted((drawn_photos / "train" / shape).iterdir())[:kept]:
                shutil.copy(photo, folder)
    (tmp_path / "pets" / "train" / "bar" / "notes_1.jpg").write_text("no picture")
    monkeypatch.setenv("IMGCLS_DATA", str(tmp_path / "pets"))
    app = show("dataset")
    assert "**1 file cannot be read**" in text(app)
    assert "- **train/bar/notes_1.jpg**: this is not a picture" in text(app)
    said = [warning.value for warning in app.warning]
    assert said[0].startswith(
        "3 of the 3 validation and test photos are the same as training photos"
    )
    assert said[1].startswith("The classes are uneven")
    assert said[2].startswith("The test accuracy will rest on 1 photo, so it is 0 or 100 %")
    (look,) = (button for button in app.button if button.label == "Look for near duplicates")
    look.click().run()
    assert "There is no finished run with a pretrained network" in app.error[0].value
    monkeypatch.setenv("IMGCLS_MODELS", str(ROOT / "models"))
    look.click().run()
    assert "**3 of 3 validation and test photos** are nearly the same" in text(app)
    assert any("val/disc" in table.value.to_csv() for table in app.dataframe)


def test_a_collapsed_run_says_what_it_has_not(trained: Run, models: Path) -> None:
    missing = (Missing(what="map", why=WHY), Missing(what="baselines", why=WHY))
    run = copied(trained, models / trained.id, missing=missing)
    run.file(COMPONENTS).unlink()
    app = show("results", view="Map")
    assert f"There is no map of these photos. {WHY}" in text(app)
    assert f"This run has no baselines. {WHY}" in text(app)


def test_a_diverged_run_answers_nothing_and_says_why(trained: Run, models: Path) -> None:
    why = "For 9 of 9 photos the network's outputs are no numbers: the training has diverged."
    history = tuple(
        msgspec.structs.replace(epoch, loss=math.nan, val_loss=math.nan)
        for epoch in trained.record.history
    )
    test = msgspec.structs.replace(trained.test, loss=math.nan)
    copied(
        trained,
        models / trained.id,
        missing=(Missing(what="answers", why=why),),
        history=history,
        test=test,
    )
    for page in ("overview", "predict"):
        assert why in text(show(page))
    for view in ("Training", "Test"):
        assert f"This run has no answers. {why}" in text(show("results", view=view))


def test_few_validation_photos_are_said_to_be_too_few(trained: Run, models: Path) -> None:
    copied(trained, models / trained.id, temperature_interval=(0.05, 3.0))
    said = text(show("predict"))
    photos = trained.record.data.count("validation")
    assert f"Not calibrated: {photos} validation photos are too few" in said
    assert "told in steps of 5 %" in said
