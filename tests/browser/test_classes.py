import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, Locator, Page, ViewportSize, expect

from tests.support.browser import Server, Visitor, serve, visit
from tests.support.datasets import drawn_zip
from tests.support.repository import ROOT
from tests.support.shipped import furnish

pytestmark = pytest.mark.browser
SECONDS_TO_TRAIN = 200  # TensorFlow is loaded and two phases are trained, on a busy machine
PHONE = ViewportSize(width=390, height=844)
DENY_CAMERA = """() => {
    const denied = new DOMException("not allowed", "NotAllowedError");
    navigator.mediaDevices.getUserMedia = () => Promise.reject(denied);
}"""


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Serve the app as it is after cloning, for those alone who leave datasets and runs behind."""
    folder = tmp_path_factory.mktemp("workshop")
    yield from serve(folder / "models", furnish(folder))


@pytest.fixture
def teacher(browser: Browser, workshop: Server) -> Iterator[Visitor]:
    yield from visit(browser, workshop)


@pytest.fixture
def phone(browser: Browser, workshop: Server) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, is_mobile=True, has_touch=True)
    yield context.new_page()
    context.close()


def begin(visitor: Visitor, name: str, each: int) -> None:
    visitor.arrive("/classes")
    visitor.drop((name, drawn_zip(each)))


def photos(visitor: Visitor, name: str) -> Locator:
    return visitor.page.get_by_role("group", name=f"Photos of {name}").get_by_role("button")


def test_photos_are_moved_left_out_and_brought_back(teacher: Visitor) -> None:
    begin(teacher, "moving.zip", 6)
    expect(photos(teacher, "disc")).to_have_count(6)
    for number in (0, 1):
        photos(teacher, "bar").nth(number).click()
    teacher.see("2 chosen")
    teacher.page.get_by_label("Move the chosen photos of bar to").select_option("disc")
    expect(photos(teacher, "disc")).to_have_count(8)
    photos(teacher, "bar").first.press("Enter")
    teacher.page.get_by_role("button", name="Leave out", exact=True).click()
    teacher.see("1 photo left out")
    expect(photos(teacher, "bar")).to_have_count(3)


def test_a_held_button_takes_photos_one_after_the_other(teacher: Visitor) -> None:
    begin(teacher, "camera.zip", 2)
    teacher.page.get_by_text("Camera", exact=True).first.click()
    button = teacher.page.get_by_role("button", name="Hold to take photos")
    expect(button).to_be_enabled()
    button.hover()
    teacher.page.mouse.down()
    expect(teacher.page.get_by_role("button", name="3 taken")).to_be_visible()
    teacher.page.mouse.up()
    expect(photos(teacher, "bar").nth(4)).to_be_visible()


def test_a_folder_a_denied_camera_and_a_correction(teacher: Visitor, tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(drawn_zip(3, ("bar", "disc")))) as archive:
        archive.extractall(tmp_path)
    teacher.arrive("/classes")
    teacher.page.get_by_text("A folder", exact=True).click()
    field = teacher.page.get_by_test_id("stFileUploader").locator("input[webkitdirectory]")
    field.set_input_files(tmp_path / "shapes")
    expect(photos(teacher, "disc")).to_have_count(3)

    teacher.page.evaluate(DENY_CAMERA)
    teacher.page.get_by_text("Camera", exact=True).first.click()
    teacher.see("The browser may not use the camera: allow it beside the address")

    teacher.go_to("Predict")
    teacher.choose("Project", "Imagenette")  # a run on the shapes may have been trained meanwhile
    teacher.drop(("new.png", (tmp_path / "shapes" / "bar" / "000.png").read_bytes()))
    teacher.see_chart("Most probable classes of new.png: ")
    # There it is a word, here the name of its folder.
    right = teacher.choose("This is wrong: it shows").lower()
    teacher.press("Add it to shapes")
    teacher.see("1 photo added")
    teacher.go_to("Your classes")
    expect(photos(teacher, right)).to_have_count(1)


def test_a_phone_adds_photos_without_the_app_around_it(teacher: Visitor, phone: Page) -> None:
    begin(teacher, "phone.zip", 2)
    teacher.page.get_by_text("Phone", exact=True).click()
    teacher.see_picture("The code to scan")
    link = teacher.page.get_by_text("collect=").inner_text()
    phone.goto(f"{teacher.server.url}/?{link.partition('?')[2]}")
    expect(phone.get_by_role("heading", name="Add photos")).to_be_visible()
    phone.get_by_text("disc", exact=True).click()
    field = phone.get_by_label("Take or choose photos of disc").locator("input[type=file]")
    expect(field).to_have_attribute("accept", "image/*")
    shot = (ROOT / "docs" / "overview.png").read_bytes()
    field.set_input_files(FilePayload(name="shot.png", mimeType="image/png", buffer=shot))
    expect(phone.get_by_text("3 photos")).to_be_visible()
    assert phone.get_by_test_id("stSidebar").count() == 0
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    expect(photos(teacher, "disc")).to_have_count(3)


def test_the_answer_follows_the_camera_and_the_matrix_stands_without_a_click(
    teacher: Visitor,
) -> None:
    begin(teacher, "judged.zip", 12)
    teacher.see_chart("Confusion matrix: ")
    teacher.see("95 % interval")
    teacher.page.get_by_text("Camera", exact=True).last.click()
    teacher.see("One of these it has to be")
    bars = teacher.page.get_by_test_id("stProgress").first
    first = bars.inner_text()
    expect(bars).not_to_have_text(first)  # the pie of the camera moves


def test_visitors_of_a_public_server_do_not_see_each_others_photos(
    browser: Browser, tmp_path: Path
) -> None:
    for server in serve(tmp_path / "models", furnish(tmp_path) | {"IMGCLS_PUBLIC": "on"}):
        for one in visit(browser, server):
            begin(one, "secret.zip", 2)
            expect(photos(one, "disc")).to_have_count(2)
            one.see_in_address("set=")
            for other in visit(browser, server):
                other.arrive("/classes")
                other.see("You have photos")
                assert other.page.get_by_text("secret").count() == 0
                other.page.goto(one.page.url)  # who holds the link is let in
                expect(photos(other, "disc")).to_have_count(2)
                other.arrive("/classes?set=secret")
                other.see("There is no dataset at this link")


@pytest.mark.slow
def test_fine_tuned_from_one_press_to_the_matrix(teacher: Visitor) -> None:
    begin(teacher, "tuned.zip", 8)
    teacher.press("Fine-tune")
    expect(teacher.page.get_by_test_id("stProgress").last).to_be_visible()
    matrix = teacher.page.get_by_role("figure", name="Confusion matrix after fine-tuning")
    expect(matrix).to_be_visible(timeout=SECONDS_TO_TRAIN * 1000)
    onwards = teacher.page.get_by_role("button", name="Try it on Predict")
    expect(onwards).to_be_visible(timeout=SECONDS_TO_TRAIN * 1000)  # its last files are written
    teacher.press("Try it on Predict")
    teacher.see("It knows 3 classes: Bar, Disc, Square")


def choose_in_menu(visitor: Visitor, menu: str, item: str) -> None:
    visitor.page.get_by_role("button", name=menu, exact=True).first.click()
    visitor.page.get_by_role("menuitem", name=item).click()


def test_a_class_and_a_dataset_are_renamed_copied_and_deleted(teacher: Visitor) -> None:
    page = teacher.page
    teacher.arrive("/classes")
    page.get_by_label("Name", exact=True).fill("desk")
    page.get_by_label("Classes, separated by commas").fill("cup, pen")
    teacher.press("Start")
    choose_in_menu(teacher, "Edit", "Rename")
    page.get_by_label("New name").fill("mug")
    page.get_by_role("button", name="Rename", exact=True).click()
    expect(page.get_by_role("heading", name="mug")).to_be_visible()
    choose_in_menu(teacher, "Dataset", "Rename")
    page.get_by_label("New name").fill("table")
    page.get_by_role("button", name="Rename", exact=True).click()
    in_use = page.get_by_role("combobox", name="Your dataset")
    expect(in_use).to_have_value("table")
    choose_in_menu(teacher, "Dataset", "Copy")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(in_use).to_have_value("table copy")
    choose_in_menu(teacher, "Dataset", "Delete")
    page.get_by_role("button", name="Delete", exact=True).click()
    teacher.see("table, 0 photos")
    assert page.get_by_text("table copy").count() == 0
