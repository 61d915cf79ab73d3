"""Pictures that show none of the classes, made here: what a network should not claim to know."""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from imgcls._utils.arrays import RgbArray

LEFT_OUT = "left_out_classes"  # a kind beside KINDS: photos of classes that training left out
LEFT_OUT_FORMERLY = "left-out classes"  # in the tables of older runs
EACH = 100  # pictures of a kind
KINDS = ("noise", "clouds", "drawings", "digits")


def pictures(kind: str, size: int) -> Iterator[RgbArray]:
    """Yield `EACH` pictures of one of KINDS, shape (size, size, 3), the same ones every time."""
    random = np.random.default_rng(0)
    if kind == "digits":
        yield from _digits(size)
        return
    draw = {"noise": _noise, "clouds": _clouds, "drawings": _drawing}[kind]
    for _ in range(EACH):
        yield np.asarray(draw(size, random))


def _noise(size: int, random: np.random.Generator) -> Image.Image:
    return Image.fromarray(random.integers(0, 256, (size, size, 3), dtype=np.uint8))


def _clouds(size: int, random: np.random.Generator) -> Image.Image:
    """Return noise that is smooth, as a photo out of focus."""
    coarse = Image.fromarray(random.integers(0, 256, (6, 6, 3), dtype=np.uint8))
    return coarse.resize((size, size), Image.Resampling.BICUBIC)


def _drawing(size: int, random: np.random.Generator) -> Image.Image:
    """Return a few discs, bars and lines of any colour."""
    image = Image.new("RGB", (size, size), _colour(random))
    pen = ImageDraw.Draw(image)
    for _ in range(6):
        (left, right), (top, bottom) = np.sort(random.integers(0, size, (2, 2)), axis=1).tolist()
        shape = (pen.ellipse, pen.rectangle, pen.line)[random.integers(3)]
        shape((left, top, right, bottom), _colour(random))
    return image.filter(ImageFilter.SMOOTH)


def _colour(random: np.random.Generator) -> tuple[int, ...]:
    return tuple(random.integers(0, 256, 3).tolist())


def _digits(size: int) -> Iterator[RgbArray]:
    from sklearn.datasets import load_digits

    for values in load_digits().images[:EACH]:
        picture = Image.fromarray((values * (255 / 16)).round().astype(np.uint8))
        yield np.asarray(picture.resize((size, size), Image.Resampling.BICUBIC).convert("RGB"))
