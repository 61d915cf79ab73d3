"""A project is a dataset with its runs, chosen together: no page mixes two of them."""

import pytest
from streamlit.testing.v1 import AppTest

from imgcls.runs import store
from imgcls.runs.run import Run
from pages.navigation import PAGES, Screen
from tests.support.app import assert_readable, named, text, visit
from tests.support.repository import ROOT


@pytest.fixture
def fresh_machine(empty_machine: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The shipped runs, and no photos but the digits."""
    monkeypatch.setenv("IMGCLS_MODELS", str(ROOT / "models"))


def shown(app: AppTest) -> tuple[str, str]:
    """Return the project and the run that the sidebar names."""
    project, run = (app.sidebar.selectbox(key=key).value for key in ("data", "run"))
    return str(project), str(run)


def of(dataset: str) -> list[Run]:
    return [run for run in store.readable(ROOT / "models") if run.dataset == dataset]


def test_a_project_brings_its_runs_and_its_photos(fresh_machine: None) -> None:
    app = visit(named("predict"))
    project, run = shown(app)
    assert project == "imagenette"
    assert run in [each.id for each in of("imagenette")]
    assert "Random test photos" not in app.pills[0].options  # they are not on this machine
    app.sidebar.selectbox(key="data").select("digits").run()
    assert_readable(app)
    project, run = shown(app)
    assert run in [each.id for each in of("digits")]
    assert len(app.sidebar.selectbox(key="run").options) == len(of("digits"))
    app.pills[0].select("Random test photos").run()
    assert_readable(app)
    assert "A test photo of" in app.dataframe[0].value.to_csv()
    app.sidebar.selectbox(key="data").select("imagenette").run()
    assert shown(app)[1] in [each.id for each in of("imagenette")]


def test_a_run_in_the_address_opens_its_project(fresh_machine: None) -> None:
    run = of("digits")[0]
    app = visit(named("results"), run=run.id)
    assert shown(app) == ("digits", run.id)
    assert not app.sidebar.warning
    app = visit(named("results"), run=run.id, data="imagenette")
    assert shown(app) == ("digits", run.id)
    assert "of another project" in app.sidebar.warning[0].value


def test_without_its_photos_a_project_says_what_to_do(fresh_machine: None) -> None:
    app = visit(named("train"))
    assert "not on this machine" in app.info[0].value
    assert any(button.label == "Train on the digits" for button in app.button)
    (button,) = (button for button in app.button if button.label == "Open the digits")
    button.click().run()
    assert_readable(app)
    assert shown(app)[0] == "digits"
    # The preset that is chosen at first came along, trained.
    labels = [button.label for button in app.button]
    assert {"Show its results", "Train it with another seed"} <= {*labels}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_of_a_project_without_photos_shows_other_ones(
    page: Screen, fresh_machine: None
) -> None:
    app = visit(page)
    assert not app.exception
    assert "1,797" not in text(app)
