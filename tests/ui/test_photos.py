"""Photos on pages go through one component, which shows what the network sees of any file."""

import ast
import io
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from PIL import Image
from streamlit import config
from streamlit.runtime import Runtime
from streamlit.testing.v1 import AppTest

from imgcls.data import uploads
from tests.support.pictures import BAD, GOOD
from tests.support.repository import ROOT

# What is a file, or the content of one: Streamlit would hand it to the browser as it is.
RAW = {"str", "path", "read_bytes", "getvalue", "open", "Path", "photo_path", "training_photo"}


def calls_of_image(tree: ast.AST) -> Iterator[ast.Call]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute) and node.func.attr == "image":
            yield node


def test_no_page_hands_a_file_to_the_browser() -> None:
    for path in sorted(ROOT.glob("pages/**/*.py")):
        for call in calls_of_image(ast.parse(path.read_text())):
            for node in ast.walk(call.args[0]):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
                    assert name not in RAW, f"{path.name}:{call.lineno}: use components.photo"


def shown(photos: Sequence[bytes], monkeypatch: pytest.MonkeyPatch) -> tuple[AppTest, list[bytes]]:
    """Show photos in an app of their own, and return the pictures that went to the browser."""
    sent: list[bytes] = []

    def script(photos: list[bytes]) -> None:
        from pages.components.photo import show_photo

        for photo in photos:
            show_photo(photo, "a photo", 100, "below")

    import streamlit as st

    monkeypatch.setattr(st, "image", lambda content, *_, **__: sent.append(content))
    app = AppTest.from_function(script, kwargs={"photos": photos}, default_timeout=120).run()
    assert not app.exception
    return app, sent


@pytest.mark.filterwarnings("ignore:.*:UserWarning:PIL")
def test_every_kind_of_photo_is_shown_as_a_jpeg(monkeypatch: pytest.MonkeyPatch) -> None:
    _, sent = shown([photo.make() for photo in GOOD.values()], monkeypatch)
    for kind, content in zip(GOOD, sent, strict=True):
        with Image.open(io.BytesIO(content)) as image:
            assert image.format == "JPEG", kind
            assert max(image.size) <= 800, kind


def test_a_photo_on_its_side_is_shown_upright(monkeypatch: pytest.MonkeyPatch) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    content = io.BytesIO()
    Image.new("RGB", (600, 300)).save(content, "JPEG", exif=exif)
    _, (sent,) = shown([content.getvalue()], monkeypatch)
    with Image.open(io.BytesIO(sent)) as image:
        assert image.size == (200, 400)


def test_sixteen_bits_are_shown_as_the_network_sees_them(monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.linspace(0, 65535, 90_000).reshape(300, 300).astype(np.uint16)
    content = io.BytesIO()
    Image.fromarray(values).save(content, "PNG")
    _, (sent,) = shown([content.getvalue()], monkeypatch)
    with Image.open(io.BytesIO(sent)) as image:
        assert abs(np.asarray(image).mean() - 127) < 3


def test_what_is_wrong_with_a_file_is_said_in_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    app, sent = shown([photo.make() for photo in BAD.values()], monkeypatch)
    assert not sent
    for kind, caption in zip(BAD, app.caption, strict=True):
        said = caption.value.replace("\\", "").replace(":blue[]", "")
        assert BAD[kind].error in said, kind


def test_the_server_takes_what_the_page_promises() -> None:
    assert not Runtime.exists()
    config.get_config_options(force_reparse=True)
    megabytes = config.get_option("server.maxUploadSize")
    assert megabytes * 1_000_000 >= uploads.MAX_ARCHIVE_BYTES >= uploads.MAX_BYTES
    assert megabytes == uploads.MAX_ARCHIVE_BYTES // 1_000_000
