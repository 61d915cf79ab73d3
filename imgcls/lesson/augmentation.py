"""The same photo, changed as augmentation changes it: does the answer stay?"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

SEED = 0  # of the noise: the same photo gives the same answers
NOISE = 80  # grey levels, the standard deviation of the strongest noise
DEGREES, SMALLEST, BRIGHTEST = 45, 0.4, 3.0


def _rotated(image: Image.Image, strength: float) -> Image.Image:
    turned = image.rotate(DEGREES * strength, resample=Image.Resampling.BILINEAR)
    # The largest square without what has turned in from outside.
    angle = np.radians(DEGREES * strength)
    edge = image.width * (1 - 1 / (np.cos(angle) + np.sin(angle))) / 2
    return turned.resize(image.size, box=(edge, edge, image.width - edge, image.width - edge))


def _cropped(image: Image.Image, strength: float) -> Image.Image:
    side = int(min(image.size) * (1 - (1 - SMALLEST) * strength))
    return image.crop((0, 0, side, side)).resize(image.size)


def _noisy(image: Image.Image, strength: float) -> Image.Image:
    noise = np.random.default_rng(SEED).normal(0, NOISE * strength, (*image.size[::-1], 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


# What is done to a square photo, at a strength from 0 (nothing) to 1.
CHANGES: Mapping[str, Callable[[Image.Image, float], Image.Image]] = MappingProxyType(
    {
        "mirrored": lambda image, _: ImageOps.mirror(image),
        "upside down": lambda image, _: ImageOps.flip(image),
        "cropped": _cropped,
        "turned": _rotated,
        "brighter": lambda image, strength: ImageEnhance.Brightness(image).enhance(
            1 + (BRIGHTEST - 1) * strength
        ),
        "grey": lambda image, strength: ImageEnhance.Color(image).enhance(1 - strength),
        "noisy": _noisy,
    }
)
