"""The pictures of the app in the README and the documents, taken anew after it looks different.

    python -m docs.pictures

Their photos are scikit-learn's two, its digits and drawings: none of Imagenette.
"""

import io
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import ViewportSize, sync_playwright

from tests.support.browser import Visitor, serve
from tests.support.datasets import draw_shape, drawn_zip
from tests.support.shipped import furnish

HERE = Path(__file__).parent
WIDE, HIGH = ViewportSize(width=1280, height=900), ViewportSize(width=1280, height=1500)
DRAWN = 67  # photos a class


def overview(visitor: Visitor) -> None:
    """Show the first screen."""
    visitor.arrive()
    visitor.see_chart("Most probable classes of")


def predict(visitor: Visitor) -> None:
    """Show an answer with a warning."""
    visitor.arrive("/predict")
    visitor.page.get_by_text("A flower", exact=True).click()
    visitor.see_chart("Most probable classes of A flower")
    visitor.page.get_by_text("Show where the evidence lies").click()
    visitor.see("Orange: what speaks for this answer")
    visitor.page.mouse.move(640, 450)
    visitor.page.mouse.wheel(0, 280)


def learn(visitor: Visitor) -> None:
    """Show the three stages of a network."""
    visitor.arrive("/learn?part=Phases")
    visitor.see_chart("After phase 2, most probable classes")
    visitor.page.mouse.move(640, 450)
    visitor.page.mouse.wheel(0, 410)


def results(visitor: Visitor) -> None:
    """Show how Results opens."""
    visitor.arrive("/results")
    visitor.see_chart("Confusion matrix of test photos")


def own_classes(visitor: Visitor) -> None:
    """Show classes of one's own with an answer, and how well they are told apart."""
    visitor.page.set_viewport_size(HIGH)
    visitor.arrive("/classes")
    visitor.drop(("shapes.zip", drawn_zip(DRAWN)))
    visitor.see_chart("Confusion matrix: ")
    drawn = io.BytesIO()
    draw_shape("disc", np.random.default_rng(7)).save(drawn, "PNG")
    field = visitor.page.get_by_label("A photo that it has not learned")
    field.locator("input[type=file]").set_input_files(
        {"name": "try.png", "mimeType": "image/png", "buffer": drawn.getvalue()}
    )
    visitor.see("One of these it has to be")


PICTURES: dict[str, Callable[[Visitor], None]] = {
    "overview": overview,
    "predict": predict,
    "learn": learn,
    "results": results,
    "own-classes": own_classes,
}


def main() -> None:
    """Take them all."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"))
        variables = furnish(Path(folder))
        for server in serve(Path(folder, "models"), variables):
            for name, show in PICTURES.items():
                visitor = Visitor(browser.new_page(viewport=WIDE), server)
                show(visitor)
                visitor.wait()
                visitor.page.wait_for_timeout(2000)  # charts and pictures
                visitor.page.screenshot(path=HERE / f"{name}.png")
                visitor.page.close()
        browser.close()


if __name__ == "__main__":
    main()
