"""Memory that is no longer used goes back to the system."""

import ctypes
import sys

M_MMAP_THRESHOLD = -3  # malloc.h
LARGE = (
    256 * 1024
)  # bytes: a feature map has as many and more, what Python keeps in its own pools less


def return_large_blocks() -> None:
    """Have the C library give each large block back to the system as soon as it is freed.

    That is what glibc begins with. But each time that a larger one is freed it takes only still
    larger ones for large, up to 32 MB (mallopt(3), M_MMAP_THRESHOLD), and keeps the others for
    each thread on its own. A server that answers each visitor in another thread grows that way
    without end. Setting the limit once ends it. Where there is another C library, nothing is done.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(M_MMAP_THRESHOLD, LARGE)
