"""Memory that is no longer used goes back to the system."""

import ctypes
import gc
import sys

M_MMAP_THRESHOLD = -3  # malloc.h
LARGE = (
    256 * 1024
)  # bytes: a feature map has as many and more, what Python keeps in its own pools less

MODULES = 50  # loaded since the last time, from which on it is worth it
_modules_seen = 0


def return_large_blocks() -> None:
    """Have the C library give each large block back to the system as soon as it is freed.

    That is what glibc begins with. But each time that a larger one is freed it takes only still
    larger ones for large, up to 32 MB (mallopt(3), M_MMAP_THRESHOLD), and keeps the others for
    each thread on its own. A server that answers each visitor in another thread grows that way
    without end. Setting the limit once ends it. Where there is another C library, nothing is done.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, LARGE)


def spare_modules() -> None:
    """Take what modules hold out of garbage collection, each time that many have been loaded.

    Streamlit collects garbage after each run of a page and of each fragment. With what pandas,
    plotly and scikit-learn hold, that takes 90 ms of the processor, whatever has been drawn: more
    than the answer to a picture of the camera. Objects that are frozen are still freed when nobody
    names them any more; only circles among them stay.
    """
    global _modules_seen  # noqa: PLW0603  one for the process, as what it counts
    if len(sys.modules) - _modules_seen >= MODULES:
        _modules_seen = len(sys.modules)
        gc.collect()
        gc.freeze()
