"""What is known of an answer from the photos whose true class is known, in words."""

import pandas as pd

from imgcls.predict import Prediction
from imgcls.wording import chance


def what_would_change(answer: Prediction, right: str | None, threshold: float) -> str:
    """Say what would have to be different for the right class to be the answer.

    Args:
        answer: the wrong one.
        right: the right class; None for none of the classes.
        threshold: the score below which a photo counts as unlike those learned from.
    """
    if right is None:
        return (
            f"Its score of likeness is {answer.score:.1f}, and below {threshold:.1f} the app says "
            "that it does not look like the photos learned from. "
            + (
                f"It would have to be lower by {answer.score - threshold:.1f}, or more photos of "
                "the classes be turned away."
                if answer.score >= threshold
                else "So this was said."
            )
        )
    shares = dict(answer.top)
    if right not in shares:
        return f"{right} is not among the {len(shares)} most probable classes."
    times = answer.probability / max(shares[right], 1e-9)
    return (
        f"{right} got {chance(shares[right])}, {answer.label} {chance(answer.probability)}: the "
        f"evidence for {right}, measured as odds between the two, would have to grow {times:,.1f} "
        "times. The coloured map shows which part of the photo spoke for the wrong one."
    )


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
