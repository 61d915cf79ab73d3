"""Answers for many photos as one table, the same from the command line and from the app."""

import csv
import io
from collections.abc import Iterable
from typing import Any

COLUMNS = ("file", "label", "probability", "known", "score", "error")


def to_csv(answers: Iterable[dict[str, Any]]) -> str:
    """Return the table as CSV.

    Args:
        answers: as `python -m imgcls predict --json` prints them: file, and error or answer.
    """
    table = io.StringIO(newline="")
    writer = csv.DictWriter(table, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    writer.writerows(answers)
    return table.getvalue()
