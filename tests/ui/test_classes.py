import io
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from imgcls.runs.run import Run
from tests.support.app import APP, SECONDS, assert_readable, named, text, visit
from tests.support.datasets import drawn_zip

pytestmark = pytest.mark.usefixtures("empty_machine")


def drop(app: AppTest, name: str, content: bytes) -> AppTest:
    return app.file_uploader[0].set_value([(name, content, "application/zip")]).run()


def with_drawings(each: int = 6) -> AppTest:
    return drop(visit(named("classes")), "shapes.zip", drawn_zip(each))


def headings(app: AppTest) -> list[str]:
    return [heading.value for heading in app.subheader]


def test_a_zip_becomes_a_card_a_class() -> None:
    app = with_drawings()
    assert_readable(app)
    assert app.query_params["set"] == "shapes"
    assert {"bar", "disc", "square"} <= {*headings(app)}
    assert text(app).count("6 photos") == 3


def test_what_is_no_zip_of_classes_gets_its_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    app = visit(named("classes"))
    drop(app, "broken.zip", drawn_zip(2)[:-40])
    assert [error.value for error in app.error] == [
        "broken.zip is damaged or incomplete. Nothing was taken from it."
    ]
    flat = io.BytesIO()
    with zipfile.ZipFile(flat, "w") as archive:
        archive.writestr("one.png", b"a")
    drop(app, "flat.zip", flat.getvalue())
    assert "its class is not known" in text(app)
    assert [*tmp_path.glob("imgcls_collections/*/*")] == []
    bad = io.BytesIO()
    with zipfile.ZipFile(bad, "w") as archive:
        for name in ("../../outside/a.png", f"{'long' * 80}/a.png", "ok/a.png", "ok/.DS_Store"):
            archive.writestr(name, b"no picture")
    drop(app, f"{'x' * 300}.zip", bad.getvalue())
    why = text(app)
    assert "leads out" in why
    assert "too long" in why
    assert "DS_Store" not in why
    assert not app.exception
    assert [*tmp_path.rglob("*.png")] == []


def test_from_names_to_empty_cards_and_one_more() -> None:
    app = visit(named("classes"))
    app.text_input[1].set_value("cup, pen")
    app.button[0].click().run()
    assert_readable(app)
    assert {"cup", "pen", "Another class"} <= {*headings(app)}
    app.text_input[0].set_value("Cup")
    next(button for button in app.button if button.label == "Add class").click().run()
    assert [error.value for error in app.error] == ["There is a class “cup” already."]


def test_a_link_that_leads_nowhere_says_so() -> None:
    app = visit(named("classes"), set="../../etc")
    assert not app.exception
    assert "There is no dataset of this name" in app.warning[0].value


def test_on_a_public_server_nobody_is_told_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_PUBLIC", "on")
    app = with_drawings()
    assert_readable(app)
    token = app.query_params["set"]
    assert "Only who has this page's link sees these photos" in text(app)
    stranger = visit(named("classes"))
    assert "shapes" not in text(stranger) + str([button.label for button in stranger.button])
    assert {"bar", "disc"} <= {*headings(visit(named("classes"), set=token))}


def test_the_page_of_a_phone_has_no_menu_and_says_when_its_link_is_over() -> None:
    app = AppTest.from_file(str(APP), default_timeout=SECONDS)
    app.query_params["collect"] = "guessed"
    app.run()
    assert not app.exception
    assert "This link has expired" in app.warning[0].value
    assert not app.sidebar.children


def test_a_dataset_of_ones_own_can_be_taken_into_use_on_every_page() -> None:
    with_drawings()
    app = visit(named("dataset"), data="shapes")
    assert_readable(app)
    assert "shapes: 18 photos" in [header.value for header in app.header]


def test_a_zip_is_judged_before_anything_is_pressed_and_a_finding_mended(trained: Run) -> None:
    app = with_drawings(12)
    assert_readable(app)
    assert {"Accuracy, near duplicates kept together", "Accuracy, split at random"} <= {
        metric.label for metric in app.metric
    }
    assert "95 % interval" in text(app)
    assert "36 photos are tiny." in text(app)
    found = next(button for button in app.button if button.label.startswith("Leave out"))
    found.click().run()
    assert_readable(app)
    assert "left out: bring them back below the class" in app.toast[0].value


def test_one_class_and_few_photos_cannot_be_judged_yet(trained: Run) -> None:
    app = drop(visit(named("classes")), "one.zip", drawn_zip(2, ("disc",)))
    assert_readable(app)
    assert "at least two classes are needed" in text(app)
    assert "as soon as two classes have a photo" in text(app)
    assert "Not yet: at least two classes" in text(app)
