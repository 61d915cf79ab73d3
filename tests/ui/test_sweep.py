"""A sweep in the app, without a browser: as it goes, stopped, finished, and in Compare."""

from pathlib import Path

import pytest

from imgcls._utils.processes import ProcessId
from imgcls.data.dataset import open_dataset
from tests.support.app import assert_readable, named, text, visit
from tests.support.sweeps import put_sweep


@pytest.fixture
def fingerprint(empty_machine: None, drawn_photos: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """That of the photos in use, on a machine with nothing else."""
    monkeypatch.setenv("IMGCLS_DATA", str(drawn_photos))
    return open_dataset(drawn_photos).fingerprint


@pytest.fixture
def models(tmp_path: Path) -> Path:
    return tmp_path / "imgcls_models"


def test_finished_it_is_offered_and_opens_in_compare(models: Path, fingerprint: str) -> None:
    sweep = put_sweep(models, fingerprint)
    app = visit(named("train"))
    assert_readable(app)
    assert "6 of 6 runs are over" in text(app)
    (button,) = (button for button in app.button if button.label == "Compare its runs")
    button.click().run()
    assert_readable(app)
    assert app.title[0].value == "Results"
    assert [header.value for header in app.header][:2] == [
        "What does the sweep say?",
        "How do other runs compare?",
    ]
    assert "6 of 6 runs of paper are finished" in text(app)
    table = app.dataframe[0].value
    assert list(table["setting"]) == ["fine_tune_at=54", "fine_tune_at=100"]
    assert list(table["test_mean"].round(6)) == [80, 50]
    said = text(app).replace("\\", "")
    assert f"the best is {sweep.runs[3]}" in said
    assert f"the worst {sweep.runs[2]}" in said


def test_one_run_is_not_the_best_and_the_worst(models: Path, fingerprint: str) -> None:
    sweep = put_sweep(models, fingerprint, finished=1)
    app = visit(named("results"), view="Compare")
    assert_readable(app)
    said = text(app).replace("\\", "")
    assert "1 of 6 runs of paper is finished" in said
    assert f"no spread yet: {sweep.runs[0]} gets" in said
    assert "the worst" not in said


def test_as_it_goes_it_is_counted_and_stopped_it_says_how_to_go_on(
    models: Path, fingerprint: str
) -> None:
    put_sweep(models, fingerprint, process=ProcessId.of(), finished=2)
    app = visit(named("train"))
    assert_readable(app)
    progress = [element.proto.text for element in app.get("progress")]
    assert [words for words in progress if "2 of 6 runs are over" in words]
    assert not app.code
    sweep = put_sweep(models, fingerprint, finished=2)
    app = visit(named("train"))
    assert "2 of 6 runs are over" in text(app)
    assert [code.value for code in app.code] == [sweep.command]


def test_a_run_of_no_sweep_shows_none(models: Path, fingerprint: str) -> None:
    sweep = put_sweep(models, fingerprint)
    (models / ".sweeps" / f"{sweep.id}.json").unlink()
    app = visit(named("results"), view="Compare")
    assert_readable(app)
    assert "What does the sweep say?" not in [header.value for header in app.header]
