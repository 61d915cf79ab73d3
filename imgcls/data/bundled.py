"""Photos for those who have none: scikit-learn's digits and two samples, and a drawing."""

import io
import tempfile
from functools import cache
from importlib import resources
from pathlib import Path

from filelock import FileLock
from PIL import Image, ImageDraw

from imgcls.errors import DatasetError
from imgcls.paths import DIGITS

SIDE = 320
SUPERSAMPLING = 2  # drawn at twice the size and scaled down, edges are smooth


def write_digits(cache: Path) -> Path:
    """Write scikit-learn's 1,797 digits once as a folder of class folders, and return it."""
    folder = cache / DIGITS
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f".{DIGITS}.lock"):
            if not folder.exists():
                with tempfile.TemporaryDirectory(dir=cache) as temporary:
                    _save_digits(Path(temporary, DIGITS))
                    Path(temporary, DIGITS).rename(folder)
    except OSError as error:
        raise DatasetError(
            f"The digits cannot be written to {cache} ({error.strerror}); "
            "name another folder with IMGCLS_CACHE."
        ) from error
    return folder


def _save_digits(folder: Path) -> None:
    from sklearn.datasets import load_digits

    digits = load_digits()
    for number, (values, label) in enumerate(zip(digits.images, digits.target, strict=True)):
        path = folder / str(label) / f"{number:04d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        # Without compression the bytes, and so the fingerprint, do not depend on zlib's version.
        pixels = (values * (255 / 16)).round().astype("uint8")
        Image.fromarray(pixels).save(path, compress_level=0)


@cache
def sample_photos() -> dict[str, bytes]:
    """Return the examples: what they show -> bytes of a picture file."""
    bundled = resources.files("sklearn.datasets.images")
    return {
        "A temple": bundled.joinpath("china.jpg").read_bytes(),
        "A flower": bundled.joinpath("flower.jpg").read_bytes(),
        "A drawn golf ball": _golf_ball(),
    }


def _golf_ball() -> bytes:
    """Draw a white ball with dimples on a green."""
    side = SIDE * SUPERSAMPLING
    image = Image.new("RGB", (side, side), "#b9dcf2")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, side * 0.55, side, side), fill="#4d8f3a")
    left, top, size = side * 0.22, side * 0.2, side * 0.56
    pen.ellipse((left, top + size * 0.9, left + size, top + size * 1.1), fill="#3b702c")
    pen.ellipse((left, top, left + size, top + size), fill="#f7f7f5", outline="#c9c9c4", width=4)
    radius, step = size / 2, size / 11
    for row in range(-5, 6):
        for column in range(-5, 6):
            x, y = (column + row % 2 / 2) * step, row * step * 0.87
            if x * x + y * y < (radius * 0.9) ** 2:
                _dimple(pen, left + radius + x, top + radius + y, step * 0.34)
    content = io.BytesIO()
    image.resize((SIDE, SIDE), Image.Resampling.LANCZOS).save(content, "PNG")
    return content.getvalue()


def _dimple(pen: ImageDraw.ImageDraw, x: float, y: float, radius: float) -> None:
    pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill="#cfcfca")
    pen.ellipse((x - radius * 0.7, y - radius * 0.5, x + radius, y + radius), fill="#e9e9e5")
