"""What is known of an answer from the photos whose true class is known, in words."""

import pandas as pd


def track_record(counts: pd.DataFrame, name: str) -> str:
    """Say what the photos that were called `name` really were.

    Args:
        counts: as `imgcls.metrics.confusion`, of the validation photos.
        name: a class.

    Example:
        >>> track_record(pd.DataFrame({"cat": [7, 2]}, index=["cat", "dog"]), "cat")
        'Of 9 validation photos called cat, 7 were; the others were dog (2).'
    """
    called = counts[name].sort_values(ascending=False, kind="stable")
    total, right = int(called.sum()), int(called[name])
    if not total:
        return f"No validation photo was called {name}."
    if total == right == 1:
        return f"One validation photo was called {name}, and it was."
    if total == right:
        return f"Of {total:,} validation photos called {name}, all were."
    others = ", ".join(f"{true} ({n:,})" for true, n in called.items() if n and true != name)
    photos, was = "photo" if total == 1 else "photos", "was" if right == 1 else "were"
    rest = "the other was" if total - right == 1 else "the others were"
    return f"Of {total:,} validation {photos} called {name}, {right:,} {was}; {rest} {others}."
