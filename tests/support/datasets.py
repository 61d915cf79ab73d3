"""Small datasets of drawings, and a recipe as small."""

import io
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

# A recipe for a base and drawings as small as below.
TINY = [
    "image_size=32",
    "batch_size=16",
    "initial_epochs=2",
    "fine_tune_epochs=2",
    "learning_rate=0.001",
    "fine_tune_learning_rate=0.00003",
]


def draw_shape(shape: str, random: np.random.Generator) -> Image.Image:
    """Draw one shape somewhere, in some colour, on a background of another one."""
    image = Image.new("RGB", (48, 40), tuple(random.integers(0, 100, 3).tolist()))
    left, top = random.integers(2, 12, 2).tolist()
    size = int(random.integers(16, 24))
    box = {
        "bar": (left, top + size // 2 - 2, left + size, top + size // 2 + 2),
        "disc": (left, top, left + size, top + size),
        "square": (left, top, left + size, top + size),
    }[shape]
    pen = ImageDraw.Draw(image)
    colour = tuple(random.integers(150, 256, 3).tolist())
    (pen.ellipse if shape == "disc" else pen.rectangle)(box, fill=colour)
    return image


def draw_photos(folder: Path) -> None:
    """Write a dataset called shapes: three kinds, 40 + 20 pictures each, in train and val."""
    root = folder / "shapes"
    random = np.random.default_rng(0)
    for part, count in (("train", 40), ("val", 20)):
        for shape in ("bar", "disc", "square"):
            for number in range(count):
                path = root / part / shape / f"{number:03d}.png"
                path.parent.mkdir(parents=True, exist_ok=True)
                draw_shape(shape, random).save(path)


def drawn_zip(each: int, shapes: tuple[str, ...] = ("bar", "disc", "square")) -> bytes:
    """Return a zip with a folder of drawings for each shape, always the same ones."""
    random = np.random.default_rng(0)
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for shape in shapes:
            for number in range(each):
                picture = io.BytesIO()
                draw_shape(shape, random).save(picture, "PNG")
                archive.writestr(f"shapes/{shape}/{number:03d}.png", picture.getvalue())
    return content.getvalue()
