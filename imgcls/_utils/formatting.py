"""Numbers and times as people read them."""

import re
from datetime import datetime


def percent(share: float) -> str:
    """Return a share of 0-1 such as "98.8 %"."""
    return f"{share * 100:.1f} %"


def chance(probability: float, step: float = 0.001) -> str:
    """Return a probability such as "98.8 %", but never a certainty that no network has.

    Args:
        probability: 0-1.
        step: the difference that is worth telling, 0-1; coarser than a tenth of a percent it is
            said: "about 70 %".
    """
    if step > 0.001:  # noqa: PLR2004
        return _about(probability, step)
    if probability > 0.9995:  # noqa: PLR2004  would be rounded to 100.0 %
        return "over 99.9 %"
    return "under 0.1 %" if probability < 0.0005 else percent(probability)  # noqa: PLR2004


def in_words(probability: float) -> str:
    """Return what a calibrated probability, 0-1, means to people: "almost certainly"."""
    words = ((0.99, "almost certainly"), (0.9, "very likely"), (0.6, "probably"))
    return next((word for least, word in words if probability >= least), "perhaps")


def _about(probability: float, step: float) -> str:
    nearest = round(probability / step)
    if nearest >= round(1 / step):
        return f"over {1 - step:.0%}".replace("%", " %")
    if nearest == 0:
        return f"under {step:.0%}".replace("%", " %")
    return f"about {nearest * step:.0%}".replace("%", " %")


def duration(seconds: float) -> str:
    """Return a time such as "0.8 s", "24 s", "3 min 20 s" or "1 h 5 min"."""
    if seconds < 9.95:  # noqa: PLR2004  below 10, a tenth of a second counts
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def day(timestamp: str) -> str:
    """Return the day of an ISO timestamp, such as "22 November 2026"."""
    then = datetime.fromisoformat(timestamp).astimezone()
    return f"{then.day} {then:%B %Y}"


def plural(count: int, noun: str) -> str:
    """Return a number of things, such as "1 photo" or "1,200 photos"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def counted(count: int, things: str) -> str:
    """Return as `plural` of things that are named in the plural: "1 test photo of Dress"."""
    named = re.sub(r"s\b", "", things, count=1) if count == 1 else things
    return f"{count:,} {named}"
