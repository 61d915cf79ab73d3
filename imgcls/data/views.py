"""Augmentation as a number of views: each photo as it is, and cut out and mirrored differently.

A view is decided by the photo and its number alone. So what frozen layers make of it can be kept,
where random views in each epoch would have to go through all layers again.
"""

import hashlib

import numpy as np
from PIL import Image, ImageOps

from imgcls._utils.arrays import RgbArray

# Of the centre square that the network sees anyway. Smaller parts lose what the photo shows.
SMALLEST_AREA = 0.5
SEED = 42


def view(image: Image.Image, number: int, size: int, key: str) -> RgbArray:
    """Return a view of a picture as an array of shape (size, size, 3), values 0-255.

    Args:
        image: as of `imgcls.data.images.open_picture`.
        number: 0 is the centre square as `imgcls.data.images.read_rgb` gives it; of the others
            every odd one is mirrored, and each is a square of 50 to 100 % of its area.
        size: side in pixels.
        key: the photo's digest, from which the place of the square follows.
    """
    if number == 0:
        return np.asarray(ImageOps.fit(image, (size, size), Image.Resampling.LANCZOS))
    digest = hashlib.sha256(f"{SEED}:{number}:{key}".encode()).digest()
    area, across, down = (int.from_bytes(digest[at : at + 4]) / 2**32 for at in range(0, 12, 4))
    whole = min(image.size)
    side = whole * (SMALLEST_AREA + (1 - SMALLEST_AREA) * area) ** 0.5
    left = (image.width - whole) / 2 + across * (whole - side)
    top = (image.height - whole) / 2 + down * (whole - side)
    found = image.resize(
        (size, size), Image.Resampling.LANCZOS, box=(left, top, left + side, top + side)
    )
    return np.asarray(ImageOps.mirror(found) if number % 2 else found)
