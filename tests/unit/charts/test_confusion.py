"""The colours of confusion matrices, in both themes."""

import re
import tomllib

import numpy as np
import numpy.typing as npt
import pytest
from plotly.colors import hex_to_rgb

from imgcls.charts.confusion import DIFFERENCES, JUST, SHARES
from tests.support.repository import ROOT

CONTRAST = 4.5  # WCAG 2.2, AA
THEMES = tomllib.loads((ROOT / ".streamlit/config.toml").read_text())["theme"]
Colour = npt.NDArray[np.float64]


def drawn(scale: tuple[tuple[float, str], ...], share: float, background: Colour) -> Colour:
    """Return the colour of a cell as red, green and blue of 0 to 255."""
    parts = [[float(part) for part in re.findall(r"[\d.]+", colour)] for _, colour in scale]
    places = [place for place, _ in scale]
    *colour, opacity = (float(np.interp(share, places, part)) for part in np.array(parts).T)
    return np.array(colour) * opacity + background * (1 - opacity)


def luminance(colour: Colour) -> float:
    linear = np.where(colour <= 10.31, colour / 3294.6, ((colour / 255 + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("scale", [SHARES, DIFFERENCES], ids=["shares", "differences"])
def test_cells_are_stronger_the_larger_and_their_numbers_readable(
    scale: tuple[tuple[float, str], ...], theme: str
) -> None:
    background, text = (
        np.array(hex_to_rgb(THEMES[theme][name])) for name in ("backgroundColor", "textColor")
    )
    middle = 0.0 if scale is SHARES else 0.5
    for end in (1.0,) if scale is SHARES else (0.0, 1.0):
        shares = np.linspace(middle + (JUST if end > middle else -JUST), end, 11)
        cells = [drawn(scale, share, background) for share in shares]
        distances = [float(np.abs(cell - background).sum()) for cell in cells]
        assert distances == sorted(distances)
        for cell in cells:
            low, high = sorted((luminance(cell), luminance(text)))
            assert (high + 0.05) / (low + 0.05) > CONTRAST
