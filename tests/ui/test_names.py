"""Every page with names that would be Markdown, HTML, formulas, icons or links."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from google.protobuf.message import Message
from PIL import Image
from streamlit.testing.v1 import AppTest

from imgcls.config import with_settings
from imgcls.data.collections import store as collection_store
from imgcls.data.dataset import open_dataset
from imgcls.paths import collections_dir
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from imgcls.training.train import train
from pages.navigation import PAGES
from tests.support.app import assert_readable, named, visit
from tests.support.datasets import TINY, draw_shape
from tests.support.runs import copied

CLASSES = (
    "*zqa* ~~b~~ $x$ US $5",
    "zqb <img src=x onerror=alert(1)> :red[x] :smile:",
    "![zqc](www.evil.example) :material_home: me@evil.example",
)
DATASET = "zqd [x](www.evil.example) _y_ `z`"
RUN = "zqe **r** [x](https://evil.example) ![](https://evil.example/p.png)"
FILE = "zqf_(1)_final_ *a* <b>c</b> ![](https://evil.example/q.png).png"
NAMES = (*CLASSES, DATASET, RUN, FILE)
# What only stands there when somebody has forgotten to escape it.
RAW = re.compile(
    r"(?<!\\)(\*zqa\*|~~b|\$x|\$5|<img|<b>|:red\[|:smile|\[zqc|\[x\]|:material_home|me@evil|_y_|`z`)"
    r"|!\[\]|\*\*r\*\*|https://evil|www\.evil|zqf_\("
)
IN_CHARTS = re.compile(r"<img|<b>c|\$x|\$5|%\{zq")
# Fields of Streamlit's elements that are shown as they are, or not at all.
PLAIN = {
    *("id", "key", "alt", "element_hash", "widget_id", "form_id", "formId", "url", "block_id"),
    *("Selectbox.options", "Selectbox.raw_value", "MultiSelect.options", "MultiSelect.raw_values"),
    *("BidiComponent.json", "BidiComponent.js_content", "BidiComponent.css_content"),
    *("TextInput.default", "TextInput.value", "TextInput.placeholder", "Text.body", "Json.body"),
    *("Dataframe.columns", "VegaLiteChart.spec", "FileUploaderState.name"),
}
VIEWS = ("Training", "Test", "Phases", "Map", "Compare", "Origin")
PARTS = ("Convolution", "Features", "Boundary", "Phases", "Limits", "Choices")


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root, random = tmp_path_factory.mktemp("hostile") / DATASET, np.random.default_rng(0)
    for name, shape in zip(CLASSES, ("bar", "disc", "square"), strict=True):
        for number in range(30):
            path = root / name / f"{number} {FILE}".replace("/", "|")
            path.parent.mkdir(parents=True, exist_ok=True)
            draw_shape(shape, random).save(path)
    return root


@pytest.fixture(scope="module")
def run(photos: Path, base_weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    return train(
        with_settings(PRESETS["paper"], TINY),
        open_dataset(photos),
        tmp_path_factory.mktemp("models"),
        preset="paper",
        name=RUN,
        weights_file=base_weights,
    )


@pytest.fixture(autouse=True)
def _machine(empty_machine: None, run: Run, photos: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(run.path.parent))
    monkeypatch.setenv("IMGCLS_DATA", str(photos))


def strings(message: Message, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text of an element, with the name of its field."""
    for field, value in message.ListFields():
        place = f"{message.DESCRIPTOR.name}.{field.name}"
        values = value if field.is_repeated else [value]
        if field.message_type and field.message_type.GetOptions().map_entry:
            continue
        for each in values:
            if isinstance(each, Message):
                yield from strings(each)
            elif isinstance(each, str):
                yield place, each


def in_figure(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for each in (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    ):
        yield from in_figure(each)


def texts(app: AppTest) -> Iterator[tuple[str, str]]:
    """Yield every text of a page, with the name of its field; those of charts one by one."""
    for node in app._tree:
        if isinstance(proto := getattr(node, "proto", None), Message):
            for place, value in strings(proto):
                if place == "PlotlyChart.spec":
                    yield from (("Plotly", text) for text in in_figure(json.loads(value)))
                else:
                    yield place, value


def shown(app: AppTest) -> str:
    """Assert that no text of the page is more than a text, and return all of them."""
    assert not app.exception
    found = list(texts(app))
    wrong = [
        (place, value)
        for place, value in found
        if not PLAIN & {place, place.partition(".")[2]}
        and (IN_CHARTS if place == "Plotly" else RAW).search(value)
    ]
    assert not wrong
    return "\n".join(value for _, value in found)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page(page: Any) -> None:
    app = visit(page)
    assert_readable(app)
    said = shown(app)
    assert "zqe" in said  # in the sidebar
    assert "zqd" in said


def test_the_views_of_results() -> None:
    app, said = visit(named("results")), {}
    for view in VIEWS:
        app.session_state["view"] = view
        app.run()
        said[view] = shown(app)
    for view in ("Test", "Phases"):
        assert "zqa" in said[view]


def test_the_parts_of_the_lesson() -> None:
    app, said = visit(named("learn")), {}
    for part in PARTS:
        app.session_state["part"] = part
        app.run()
        said[part] = shown(app)
    assert "zqa" in said["Phases"]
    assert "zqa" in said["Choices"]


def test_answers_for_files_with_such_names() -> None:
    content = io.BytesIO()
    Image.new("RGB", (40, 40), "red").save(content, "PNG")
    app = visit(named("predict"))
    app.file_uploader[0].set_value([(FILE, content.getvalue(), "image/png"), (FILE, b"", "a")])
    app.run()
    assert "zqf" in shown(app)
    right = next(box for box in app.selectbox if box.label.startswith("This is wrong"))
    right.select(right.options[0]).run()
    assert "would have to grow" in shown(app)


def test_the_run_elsewhere_where_its_photos_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMGCLS_DATA", "nowhere *at* [all](https://evil.example)")
    for page in PAGES:
        shown(visit(page))
    app = visit(named("results"))
    for view in VIEWS:
        app.session_state["view"] = view
        app.run()
        shown(app)


def test_a_broken_run_and_an_unfinished_one(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    models = tmp_path / "many"
    monkeypatch.setenv("IMGCLS_MODELS", str(models))
    broken = models / "*zqa* [x](www.evil.example)"
    broken.mkdir(parents=True)
    (broken / "run.json").write_text("{")
    stopped = models / "stopped"
    copied(run, stopped, status="failed", error=NAMES[1], test=None, history=())
    said = shown(visit(named("results")))
    assert "Broken runs (1)" in said
    assert "zqb" in said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_forged_address(page: Any) -> None:
    bait = f"** {RUN} <img src=x> :smile: ** {'x' * 300}"
    address = dict.fromkeys(("run", "data", "view", "part", "class", "split", "true", "set"), bait)
    app = visit(page, **address)
    assert "x" * 100 not in shown(app)
    assert not app.error


def test_classes_of_ones_own() -> None:
    names = ("zqa ~~b~~ $x$ _y_ `z` US $5", "zqb [x](www.evil.example)")
    made = collection_store.create(collections_dir(), "zqd [x](www.evil.example) _y_ `z`")
    random = np.random.default_rng(0)
    for name, shape in zip(names, ("bar", "disc"), strict=True):
        made.add_class(name)
        drawn = []
        for number in range(6):
            content = io.BytesIO()
            draw_shape(shape, random).save(content, "PNG")
            drawn.append((f"{number} {FILE}", content.getvalue()))
        made.add(drawn, name)
    app = visit(named("classes"), set=made.root.name)
    assert_readable(app)
    said = shown(app)
    assert "zqa" in said
    made.leave_out_class(names[0])
    assert "Bring back" in shown(visit(named("classes"), set=made.root.name))
    phone = visit(named("overview"), collect=collection_store.start_collecting(made))
    assert "zqb" in shown(phone)
