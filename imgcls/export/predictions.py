"""Answers for many photos as one table, the same from the command line and from the app."""

import csv
import io
from collections.abc import Callable, Iterable
from typing import IO, Any

COLUMNS = ("file", "label", "probability", "known", "score", "error")
MARK = "\ufeff"  # without which Excel takes UTF-8 for the code page of its system
# With these a cell becomes a formula in spreadsheets, and the name of a file may be a stranger's
# (OWASP, CSV injection).
FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def begin_csv(file: IO[str]) -> Callable[[dict[str, Any]], None]:
    """Write the head of the table, and return the function that writes an answer.

    Args:
        file: a text file opened with ``newline=""``.
    """
    file.write(MARK)
    writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore")
    writer.writeheader()
    return lambda answer: writer.writerow(
        {name: _as_text(answer[name]) for name in COLUMNS if name in answer}
    )


def to_csv(answers: Iterable[dict[str, Any]]) -> str:
    """Return the table as CSV.

    Args:
        answers: as `python -m imgcls predict --json` prints them: file, and error or answer.
    """
    table = io.StringIO(newline="")
    write = begin_csv(table)
    for answer in answers:
        write(answer)
    return table.getvalue()


def _as_text(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULAS) else value
