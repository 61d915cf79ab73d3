"""Parts 2, 4 and 5 of the lesson, on the shipped runs: what is seen, the phases, the limits."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.app import assert_readable, named, text, visit
from tests.support.shipped import MODELS, shipped

PAPER, SCRATCH, DIGITS = (shipped(name).id for name in ("paper", "scratch", "paper on digits"))


@pytest.fixture(autouse=True)
def _shipped_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(MODELS))
    for variable in ("IMGCLS_DATA", "KERAS_HOME"):
        monkeypatch.setenv(variable, str(tmp_path / variable.lower()))
    monkeypatch.delenv("IMGCLS_DATA_ROOTS", raising=False)


def learn(part: str, **address: str) -> AppTest:
    app = visit(named("learn"), part=part, **address)
    assert_readable(app)
    return app


def test_another_map_is_picked_and_described() -> None:
    app = learn("Features", run=PAPER)
    before = text(app)
    assert "of the first convolution, over the part of the photo" in before
    assert "All 32 kernels" in before
    app.slider(key="map of Conv1_relu").set_value(7).run()
    assert_readable(app)
    assert text(app) != before


def test_the_address_names_a_depth() -> None:
    app = learn("Features", run=PAPER, depth="block_5_add")
    assert "of bottleneck 5, over the part of the photo" in text(app)
    assert "Each of its 20 x 20 numbers" in text(app)
    assert "Blue: below zero" in text(app)
    assert "kernels of the first convolution" not in text(app)
    assert app.query_params["depth"] == "block_5_add"
    app.segmented_control(key="depth").set_value("Conv1_relu").run()
    assert "of the first convolution, over the part of the photo" in text(app)
    assert "depth" not in app.query_params


def test_the_small_cnn_shows_its_own_maps_and_says_what_has_bottlenecks() -> None:
    app = learn("Features", run=SCRATCH, depth="conv3")
    assert "Each of its 40 x 40 numbers" in text(app)
    assert "a list of 128 numbers" in text(app)
    assert "choose a run on MobileNetV2" in text(app)


def test_a_bottleneck_is_opened_with_what_it_costs() -> None:
    app = learn("Features", run=PAPER, block="bottleneck 14")
    assert "4,056,000 instead of 34,560,000, 8.5 times fewer" in text(app)
    app.select_slider(key="block").set_value("bottleneck 1").run()
    assert_readable(app)
    assert "differ in shape, so nothing is added" in text(app)


def test_the_head_follows_its_units_and_the_map_its_scale_and_shift() -> None:
    app = learn("Features", run=PAPER)
    shown = text(app)
    assert "has **82,634** parameters" in shown
    assert "it would have **2,048,714**: 24.8 times as many, and 0.91 times" in shown
    assert "mean 0.00, spread 1.00" in shown
    app.select_slider(key="dense units 64").set_value(8).run()
    assert_readable(app)
    assert "has **10,338** parameters" in text(app)
    app.slider(key="norm scale").set_value(0.5).run()
    app.slider(key="norm shift").set_value(-1.0).run()
    assert "mean -1.00, spread 0.50" in text(app)


def test_what_has_no_normalization_shows_none() -> None:
    assert "batch normalization" not in text(learn("Features", run=SCRATCH))


def test_three_stages_and_the_evidence_for_any_class() -> None:
    app = learn("Phases", run=PAPER)
    shown = text(app)
    for stage in ("Untrained head", "After phase 1", "After phase 2"):
        assert f"**{stage}:**" in shown
    assert "82,634 parameters are trained" in shown
    assert "2,000 training photos" in shown
    (box,) = (box for box in app.selectbox if box.label == "Show the evidence for")
    assert box.value == "church"
    box.select("golf_ball").run()
    assert_readable(app)
    assert "what speaks for **Golf ball**" in text(app)


@pytest.mark.parametrize(
    ("run", "reason"), [(DIGITS, "does not keep the network"), (SCRATCH, "in a single phase")]
)
def test_where_there_is_no_phase_1_another_run_is_offered(run: str, reason: str) -> None:
    app = learn("Phases", run=run)
    assert reason in text(app)
    (button,) = (button for button in app.button if button.label == "Use Paper recipe, 160 px")
    button.click().run()
    assert_readable(app)
    assert app.session_state["run"] == PAPER
    assert "**After phase 2:**" in text(app)


def test_a_run_without_a_map_shows_the_stages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "models" / PAPER
    shutil.copytree(shipped("paper").path, kept, ignore=shutil.ignore_patterns("embedding.parquet"))
    monkeypatch.setenv("IMGCLS_MODELS", str(kept.parent))
    app = learn("Phases")
    assert "**After phase 2:**" in text(app)
    assert "before runs kept a map" in text(app)


def test_the_limits_are_those_of_the_records() -> None:
    shown = text(learn("Limits"))
    for name in ("paper", "scratch", "paper on digits"):
        history = shipped(name).history
        for accuracy in history.groupby("phase")["val_accuracy"].last():
            assert f"**{accuracy * 100:.1f} %**" in shown
    assert "phase 1 took 138 steps on them, and 888 on Imagenette" in shown
    assert "0 reach the score" in shown


def test_what_no_run_has_recorded_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "models" / DIGITS
    shutil.copytree(shipped("paper on digits").path, kept)
    monkeypatch.setenv("IMGCLS_MODELS", str(kept.parent))
    shown = text(learn("Limits"))
    assert "fine-tuned on Imagenette" in shown
    assert "small CNN from scratch on Digits" in shown
    assert "On Imagenette it transfers" not in shown


def test_without_runs_the_limits_say_what_to_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(tmp_path / "none"))
    shown = text(learn("Limits"))
    assert "There is no run to compare yet" in shown
    assert "domain gap" in shown
