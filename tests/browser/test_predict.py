import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.conftest import Visitor
from tests.conftest import draw_shape

pytestmark = pytest.mark.browser


def drawn(shape: str) -> bytes:
    content = io.BytesIO()
    draw_shape(shape, np.random.default_rng(7)).save(content, "PNG")
    return content.getvalue()


def test_two_photos_and_a_bad_file(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    visitor.drop(("disc.png", drawn("disc")), ("notes.txt", b"none"), ("bar.png", drawn("bar")))
    expect(visitor.page.get_by_text("This answer took")).to_have_count(2)
    visitor.see("notes.txt: this is not a picture that can be read")
    visitor.see_chart("Most probable classes of disc.png: ")
    visitor.see_chart("Most probable classes of bar.png: ")
    expect(visitor.page.get_by_text("validation photos called").first).to_be_visible()


def test_a_photo_turned_on_its_side_is_shown_upright(visitor: Visitor) -> None:
    content = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # orientation: turn it by 90 degrees
    Image.new("RGB", (64, 48), "red").save(content, "JPEG", exif=exif)
    visitor.arrive("/predict")
    visitor.drop(("phone.jpg", content.getvalue()))
    visitor.see_picture("phone.jpg, cut to the centre square")


def test_examples(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    for example in ("A temple", "A flower", "A drawn golf ball"):
        visitor.page.get_by_role("radio", name=example).click()
        visitor.see_picture(f"{example}, cut to the centre square")
    visitor.page.get_by_role("radio", name="Random test photos").click()
    expect(visitor.page.get_by_text("This answer took")).to_have_count(3)


def test_the_camera_is_asked_for_only_when_it_is_wanted(visitor: Visitor) -> None:
    visitor.arrive("/predict")
    camera = visitor.page.get_by_test_id("stCameraInput")
    expect(camera).to_have_count(0)
    visitor.page.get_by_role("switch", name="Use the camera").press("Space")
    expect(camera).to_be_visible()


def test_the_first_page_takes_a_photo_too(visitor: Visitor) -> None:
    visitor.arrive()
    visitor.drop(("own.png", drawn("square")))
    visitor.see_picture("own.png, cut to the centre square")
