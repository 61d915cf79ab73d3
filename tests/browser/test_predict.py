import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import expect

from imgcls.runs.run import Run
from tests.support.browser import Visitor
from tests.support.datasets import draw_shape
from tests.support.pictures import ALL, ARCHIVES, BAD, GOOD
from tests.support.repository import ROOT

pytestmark = pytest.mark.browser
# What the browser does when somebody has copied a picture and presses Ctrl+V.
PASTE = """(field, bytes) => {
    const data = new DataTransfer();
    data.items.add(new File([new Uint8Array(bytes)], "pasted.png", {type: "image/png"}));
    field.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true}));
}"""


def drawn(shape: str) -> bytes:
    content = io.BytesIO()
    draw_shape(shape, np.random.default_rng(7)).save(content, "PNG")
    return content.getvalue()


def test_two_photos_and_a_bad_file(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    visitor.drop(("disc.png", drawn("disc")), ("notes.txt", b"none"), ("bar.png", drawn("bar")))
    visitor.see("3 answers")
    visitor.see_chart("Most probable classes of disc.png: ")
    expect(visitor.page.get_by_text("validation photos called").first).to_be_visible()
    visitor.pick_row("All answers", 2)
    visitor.see("notes.txt: this is not a picture that can be read")
    visitor.pick_row("All answers", 3)
    visitor.see_chart("Most probable classes of bar.png: ")


def test_a_file_too_large_to_send_is_named_beside_good_ones(
    visitor: Visitor, tmp_path: Path
) -> None:
    large, good = tmp_path / "huge.zip", tmp_path / "disc.png"
    with large.open("wb") as sparse:
        sparse.truncate(101_000_000)
    good.write_bytes(drawn("disc"))
    visitor.arrive("/predict")
    # No person is as fast as to drop files before the page has loaded all of its program.
    expect(visitor.page.locator(".too-large[role=alert]")).to_be_attached()
    field = visitor.page.get_by_test_id("stFileUploader").locator("input[type=file]")
    field.set_input_files([large, good])
    visitor.see_chart("Most probable classes of disc.png: ")
    visitor.see("huge.zip: too large, and not sent. It has 101 MB, at most 100 MB are accepted.")


def test_a_photo_turned_on_its_side_is_shown_upright(visitor: Visitor) -> None:
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn it by 90 degrees
    Image.new("RGB", (64, 48), "red").save(content, "JPEG", exif=exif)
    visitor.arrive("/predict")
    visitor.drop(("phone.jpg", content.getvalue()))
    visitor.see_picture("phone.jpg, and the square of it that the network sees")
    visitor.see("JPEG, 48 x 64 pixels")


def test_examples(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    for example in ("A temple", "A flower", "A drawn golf ball"):
        visitor.wait()
        visitor.page.get_by_role("radio", name=example).click()
        visitor.see_picture(f"{example}, and the square of it that the network sees")
    visitor.wait()
    visitor.page.get_by_role("radio", name="Random test photos").click()
    visitor.see("6 answers")


def test_the_camera_is_asked_for_only_when_it_is_wanted(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    visitor.page.get_by_text("From the camera or the clipboard").click()
    camera = visitor.page.get_by_test_id("stCameraInput")
    expect(camera).to_have_count(0)
    visitor.page.get_by_role("switch", name="Use the camera").press("Space")
    expect(camera).to_be_visible()


def test_a_dozen_kinds_of_files_at_once(visitor: Visitor) -> None:
    names = [*list(GOOD)[::7][:6], *list(BAD)[::5][:4]]
    archives = ["zip of one picture", "damaged zip"]
    files = [(f"{name}.jpg", ALL[name].make()) for name in names]
    files += [(f"{name}.zip", ARCHIVES[name].make()) for name in archives]
    assert len(files) == 12
    visitor.arrive("/predict")
    visitor.drop(*files)
    visitor.see("12 answers")
    for row, name in enumerate([*names, *archives], start=1):
        visitor.pick_row("All answers", row)
        if name in BAD or (ALL | ARCHIVES)[name].error:
            said = visitor.page.get_by_test_id("stAlert").filter(has_text=f"{name}.")
            expect(said).to_contain_text((ALL | ARCHIVES)[name].error)
        else:
            visitor.see("This answer took")
    expect(visitor.page.get_by_text("Something went wrong")).to_have_count(0)


def test_a_picture_is_pasted(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    visitor.page.get_by_text("From the camera or the clipboard").click()
    field = visitor.page.get_by_placeholder("Click here, paste a picture")
    field.evaluate(PASTE, list(drawn("disc")))
    visitor.page.get_by_test_id("stChatInputSubmitButton").click()
    visitor.see_picture("pasted.png, and the square of it that the network sees")


def test_the_csv_is_that_of_the_command_line(
    visitor: Visitor, finished: Run, tmp_path: Path
) -> None:
    files = {f"{shape}.png": drawn(shape) for shape in ("bar", "disc", "square")}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    visitor.arrive("/predict")
    visitor.drop(*files.items())
    visitor.see("3 answers")
    with visitor.page.expect_download() as download:
        visitor.press("Download all answers")
    subprocess.run(
        [
            *(sys.executable, "-m", "imgcls", "predict", *files),
            *("--run", finished.id, "--csv", "command.csv"),
        ],
        cwd=tmp_path,
        env={**os.environ, "IMGCLS_MODELS": str(finished.path.parent), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    assert download.value.path().read_bytes() == (tmp_path / "command.csv").read_bytes()


@pytest.mark.slow
def test_five_hundred_answers_leave_no_more_memory_behind_than_fifty(visitor: Visitor) -> None:
    def drop_fifty(times: int) -> None:
        for _ in range(times):
            visitor.press("Clear")
            visitor.drop(*photos)
            visitor.see("50 answers")

    server = psutil.Process(visitor.server.pid)
    photos = [(f"{number}.png", drawn("disc")) for number in range(50)]
    visitor.arrive("/predict")
    visitor.drop(("first.png", drawn("disc")))
    drop_fifty(1)
    before = server.memory_info().rss
    drop_fifty(9)
    assert server.memory_info().rss - before < 50e6


def choose_files(visitor: Visitor, *files: Path) -> None:
    visitor.wait()
    field = visitor.page.get_by_test_id("stFileUploader").locator("input[type=file]")
    field.set_input_files(list(files))


def test_a_zip_as_large_as_the_page_promises(visitor: Visitor, tmp_path: Path) -> None:
    path, noise = tmp_path / "photos.zip", np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(14):
            content = io.BytesIO()
            Image.fromarray(noise.integers(0, 256, (1500, 1500, 3), np.uint8)).save(content, "BMP")
            archive.writestr(f"{number}.bmp", content.getvalue())
    assert 90e6 < path.stat().st_size < 100e6
    visitor.arrive("/predict")
    choose_files(visitor, path)
    visitor.see("14 answers")
