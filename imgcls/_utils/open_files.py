"""How many files and connections this process may have open at once."""

import sys

ENOUGH = 4096  # a visitor of the app holds a connection and up to some ten files


def raise_limit() -> int | None:
    """Raise the limit to what is enough, or as far as this user may; macOS begins with 256.

    Returns:
        What it is now, or None where there is none.
    """
    if sys.platform == "win32":
        return None
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return None
    wanted = ENOUGH if hard == resource.RLIM_INFINITY else min(ENOUGH, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(soft, wanted)
