import numpy as np

from imgcls.charts.drawings.overlays import HEAT, frame


def test_a_frame_goes_around_its_square() -> None:
    pixels = np.zeros((16, 16, 3), np.uint8)
    photo = frame(pixels, 4, 6, 5, 10)
    assert photo.size == (160, 160)
    found = np.asarray(photo)
    # The square itself, columns 60 to 109 of rows 40 to 89, keeps all but its outermost pixels.
    assert not found[42:88, 62:108].any()
    orange = np.argwhere((found == HEAT).all(axis=2))
    assert orange.min(axis=0).tolist() == [37, 57]
    assert orange.max(axis=0).tolist() == [92, 112]
