"""A run as one HTML file, in a browser without a network."""

import base64
import functools
import http.server
import io
import logging
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, ViewportSize, expect

from imgcls._utils.arrays import RgbArray
from imgcls._utils.formatting import chance
from imgcls._utils.names import printable, titles
from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.export.html import html, site
from imgcls.inference.confidence import Confidence
from imgcls.inference.predictor import Predictor
from imgcls.runs.run import Run
from tests.support.names import EVIL, HOSTILE
from tests.support.pictures import GOOD, encoded
from tests.support.runs import changed
from tests.support.shipped import shipped

pytestmark = pytest.mark.browser
IMAGENETTE = Path(os.environ.get("IMGCLS_DATA", "nowhere"))
PHONE: ViewportSize = {"width": 390, "height": 844}
PHOTOS = 50
NAMES = [name for name in HOSTILE if EVIL in name or len(name) >= 100][:10]
ANSWERS = """(places, count) => places.slice(0, count).map(place => ({
    said: place.querySelector("h2").textContent,
    names: [...place.querySelectorAll(".bars span")].map(name => name.textContent),
    shares: [...place.querySelectorAll("data")].map(data => Number(data.value)),
    told: [...place.querySelectorAll("data")].map(data => data.textContent),
    unknown: place.querySelector(".unknown") !== null,
    seen: place.querySelector("canvas").toDataURL().split(",")[1],
}))"""
DRAGGED = """([name, content]) => {
    const dragged = new DataTransfer();
    dragged.items.add(new File([content], name));
    return dragged;
}"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    """What the page shows for one picture."""

    said: str
    names: list[str]
    shares: list[float]
    told: list[str]
    unknown: bool
    seen: RgbArray


class Opened:
    """The file in a browser that has no network."""

    def __init__(self, context: BrowserContext, address: str) -> None:
        self.asked: list[str] = []
        self.problems: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.goto(address)
        self.hears("Ready.")

    def hears(self, text: str) -> None:
        expect(self.page.get_by_role("status")).to_have_text(text, timeout=60_000)

    def answers(self, pictures: dict[str, bytes]) -> list[Answer]:
        files = [payload(name, content) for name, content in pictures.items()]
        self.page.locator("#files").set_input_files(files)
        self.hears(f"{len(files)} of {len(files)} files looked at.")
        places = self.page.locator("#answers > li")
        found = places.evaluate_all(ANSWERS, len(files))
        return [Answer(**{**each, "seen": pixels(each["seen"])}) for each in found]


def payload(name: str, content: bytes) -> FilePayload:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def pixels(png: str) -> RgbArray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB"))


@pytest.fixture(scope="module")
def digits() -> Run:
    return shipped("paper on digits")


@pytest.fixture(scope="module")
def open_file(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Run], Opened]]:
    contexts = []

    def opened(run: Run) -> Opened:
        path = tmp_path_factory.mktemp("html") / "classifier.html"
        path.write_bytes(html(run))
        contexts.append(browser.new_context(offline=True, viewport=PHONE))
        return Opened(contexts[-1], path.as_uri())

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="module")
def opened(open_file: Callable[[Run], Opened], digits: Run) -> Opened:
    return open_file(digits)


def pictures() -> dict[str, bytes]:
    """Return fifty pictures of all kinds that the browser reads too."""
    found = {
        name: kind.make()
        for name, kind in GOOD.items()
        if "TIFF" not in name and name != "HEIC"  # which Chromium does not read
    }
    random = np.random.default_rng(0)
    for number in range(PHOTOS - len(found)):
        photo = list(photos().values())[number % 2]
        left, top, *size = (int(random.integers(0, side // 2)) for side in photo.size * 2)
        part = photo.crop((left, top, left + size[0] + 20, top + size[1] + 20))
        format = "PNG" if number % 3 else "JPEG"
        found[f"part {number}"] = encoded(part, format)
    return found


def photos() -> dict[str, Image.Image]:
    return {name: Image.open(io.BytesIO(photo)) for name, photo in sample_photos().items()}


def compare(run: Run, pictures: dict[str, bytes], answers: list[Answer]) -> tuple[float, int]:
    """Return the largest differences of a probability and of a pixel."""
    predictor, apart, pixels_apart = Predictor(run), [], []
    titles = dict(zip(run.class_names, run.class_titles, strict=True))
    for content, answer in zip(pictures.values(), answers, strict=True):
        expected = predictor.predict(content).renamed(titles)
        known = dict(expected.top)
        assert answer.names[0] == expected.label
        # A page has no training photos to compare with.
        assert answer.unknown == (expected.energy < run.energy_threshold)
        assert answer.told == [chance(share, expected.step) for share in answer.shares]
        pairs = zip(answer.names, answer.shares, strict=True)
        apart.append(max(abs(share - known[name]) for name, share in pairs))
        seen = read_rgb(content, predictor.image_size)
        pixels_apart.append(int(np.abs(answer.seen.astype(int) - seen).max()))
    logger.info("of %d: probabilities %.1e, pixels %d", len(answers), max(apart), max(pixels_apart))
    return max(apart), max(pixels_apart)


def test_it_answers_as_python_does(opened: Opened, digits: Run) -> None:
    given = pictures()
    assert len(given) == PHOTOS
    apart, pixels_apart = compare(digits, given, opened.answers(given))
    assert pixels_apart == 0
    assert apart < 1e-4


def test_large_jpegs_differ_a_little(opened: Opened, digits: Run) -> None:
    """Python's decoder makes them smaller itself, which no browser's does."""
    large = {
        name: encoded(photo.resize((photo.width * 3, photo.height * 3)), "JPEG")
        for name, photo in photos().items()
    }
    apart, pixels_apart = compare(digits, large, opened.answers(large))
    assert 0 < pixels_apart <= 4
    assert apart < 0.01


def test_it_asks_nobody(opened: Opened) -> None:
    opened.page.evaluate("fetch('https://example.org').catch(() => null)")
    assert [url for url in opened.asked if not url.startswith(("file:", "data:"))] == []
    assert opened.problems == []


def test_what_is_no_picture_gets_a_sentence(opened: Opened) -> None:
    drop(opened.page, "notes.txt", "Dear diary")
    opened.hears("This browser cannot read it as a picture. JPEG, PNG and WebP it always can.")
    drop(opened.page, "nothing.png", "")
    opened.hears("The file is empty.")
    drop(opened.page, "IMG_1.HEIC", "x")
    opened.hears("This browser does not read HEIC photos. JPEG, PNG and WebP it always can.")


def drop(page: Page, name: str, content: str) -> None:
    """Let go of a file that was dragged over the page."""
    given = page.evaluate_handle(DRAGGED, [name, content])
    page.dispatch_event("body", "drop", {"dataTransfer": given})


def test_the_camera_is_answered_all_the_time(opened: Opened) -> None:
    page = opened.page
    page.get_by_role("button", name="Use the camera").click()
    live = page.get_by_role("region", name="Camera")
    expect(live.get_by_role("heading")).to_be_visible()
    page.get_by_role("button", name="Keep this photo").click()
    expect(page.locator("#answers > li").first.get_by_role("heading")).to_be_visible()
    expect(page.locator("#answers > li").first).to_contain_text("Camera, ")
    page.get_by_role("button", name="Close the camera").click()
    expect(live).to_be_hidden()
    assert opened.problems == []


def test_a_phone_that_keeps_the_camera_from_pages_opens_its_own(
    browser: Browser, opened: Opened
) -> None:
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True)
    context.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    page = Opened(context, opened.page.url).page
    expect(page.get_by_text("Take a photo")).to_be_visible()
    expect(page.get_by_role("button", name="Use the camera")).to_be_hidden()
    page.get_by_label("Take a photo").set_input_files(
        payload("photo.jpg", sample_photos()["A temple"])
    )
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    context.close()


@pytest.mark.parametrize(
    ("part", "sentence"),
    [
        ('<script id="weights" type="text/plain">', "This file is damaged: get it anew."),
        ("<script>/* sources ", "Nothing happens: this file is damaged, or the browser is older"),
    ],
)
def test_a_changed_byte_is_told(
    browser: Browser, opened: Opened, tmp_path: Path, part: str, sentence: str
) -> None:
    content = bytearray(Path(opened.page.url.removeprefix("file://")).read_bytes())
    content[content.index(part.encode()) + len(part) + 20] ^= 1
    (tmp_path / "changed.html").write_bytes(content)
    context = browser.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "changed.html").as_uri())
    expect(page.get_by_text(sentence)).to_be_visible()
    context.close()


def test_names_are_text_on_a_narrow_screen(open_file: Callable[[Run], Opened], digits: Run) -> None:
    classes = [
        msgspec.structs.replace(known, name=name)
        for known, name in zip(digits.record.data.classes, NAMES, strict=True)
    ]
    data = msgspec.structs.replace(digits.record.data, classes=tuple(classes))
    title = f"</title></script><script>location='//{EVIL}'</script>"
    opened = open_file(changed(digits, data=data, name=title))
    page = opened.page
    (answer, _) = opened.answers(dict.fromkeys(("$x$ <b>", "y"), sample_photos()["A flower"]))
    assert page.get_by_role("heading", level=1).inner_text() == title
    assert answer.names[0] in [printable(name) for name in titles(NAMES)]
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    assert [url for url in opened.asked if EVIL in url] == []
    assert opened.problems == []


def test_what_was_checked_on_too_few_photos_is_told_in_steps(
    open_file: Callable[[Run], Opened], digits: Run
) -> None:
    run = changed(digits, temperature_interval=(0.05, 20.0))
    assert not Confidence.of_run(run).calibrated
    apart, _ = compare(run, sample_photos(), open_file(run).answers(sample_photos()))
    assert apart < 1e-4


def test_as_a_folder_it_opens_again_without_a_network(
    browser: Browser, digits: Run, tmp_path: Path
) -> None:
    for name, content in site(digits).items():
        (tmp_path / name).write_bytes(content)
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    context = browser.new_context()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        opened = Opened(context, f"http://127.0.0.1:{server.server_port}/")
        opened.page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        server.shutdown()
    opened.page.reload()
    opened.hears("Ready.")
    assert opened.problems == []
    context.close()


@pytest.mark.skipif(not IMAGENETTE.is_dir(), reason="needs Imagenette: IMGCLS_DATA")
def test_photos_are_answered_as_python_does(open_file: Callable[[Run], Opened]) -> None:
    files = sorted(IMAGENETTE.glob("val/*/*.JPEG"))
    given = {path.name: path.read_bytes() for path in files[:: len(files) // PHOTOS][:PHOTOS]}
    hires = shipped("hires")
    apart, _ = compare(hires, given, open_file(hires).answers(given))
    assert apart < 0.02
