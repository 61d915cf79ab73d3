"""Drawn on a photo: what part the network sees, where the evidence lies, what is looked into."""

import io

import numpy as np
from PIL import Image, ImageDraw

from imgcls._utils.arrays import FloatArray, RgbArray
from imgcls.inference.explanation import Explanation

DIMMED = 110  # of 255: how dark the part outside becomes
HEAT = (213, 94, 0)  # the charts' orange, which stands out for colour-blind people too
STRONGEST = 190  # of 255: even there the photo stays visible


def draw(answered: Explanation, *, heat: bool) -> Image.Image:
    """Return the photo with everything dimmed that the network does not see.

    Args:
        answered: one with an answer.
        heat: also colour where the evidence for the answer lies, the more the stronger.
    """
    photo = Image.open(io.BytesIO(answered.thumbnail)).convert("RGB")
    left, top, right, bottom = answered.seen
    width, height = photo.size
    # At least one pixel of a picture that is little more than a line.
    across, down = max(1, round((right - left) * width)), max(1, round((bottom - top) * height))
    left, top = min(round(left * width), width - across), min(round(top * height), height - down)
    box = (left, top, left + across, top + down)
    if heat and answered.grad_cam.size:
        colour(photo, box, answered.grad_cam)
    if box != (0, 0, *photo.size):
        _dim_outside(photo, box)
    return photo


def frame(pixels: RgbArray, row: int, column: int, side: int, scale: int) -> Image.Image:
    """Return a photo enlarged so many times, with a line around a square of its pixels."""
    height, width, _ = pixels.shape
    photo = Image.fromarray(pixels).resize(
        (width * scale, height * scale), Image.Resampling.NEAREST
    )
    pen = ImageDraw.Draw(photo)
    left, top, length = column * scale, row * scale, side * scale
    # White within orange, so that it stands out on any photo.
    for inset, colour in ((-3, HEAT), (-1, "white")):
        box = (left + inset, top + inset, left + length - inset - 1, top + length - inset - 1)
        pen.rectangle(box, outline=colour, width=2)
    return photo


def _dim_outside(photo: Image.Image, box: tuple[int, int, int, int]) -> None:
    shade = Image.new("L", photo.size, DIMMED)
    shade.paste(0, box)
    photo.paste("black", mask=shade)
    left, top, right, bottom = box
    ImageDraw.Draw(photo).rectangle((left, top, right - 1, bottom - 1), outline="white", width=2)


def colour(photo: Image.Image, box: tuple[int, int, int, int], grad_cam: FloatArray) -> None:
    """Colour where the evidence lies, the more the stronger: on the photo itself.

    Args:
        photo: in RGB.
        box: left, top, right and bottom of the part that the network sees, in pixels.
        grad_cam: see `imgcls.inference.grad_cam`.
    """
    strength = grad_cam / np.maximum(grad_cam.max(), np.finfo(np.float32).tiny)
    left, top, right, bottom = box
    mask = Image.fromarray((strength * STRONGEST).astype(np.uint8))
    mask = mask.resize((right - left, bottom - top), Image.Resampling.BICUBIC)
    photo.paste(HEAT, box, mask)
