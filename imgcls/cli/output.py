"""What the verbs print: a table or sentences for people, one JSON document for programs."""

import json
from argparse import Namespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imgcls.runs.run import Run


def answer(options: Namespace, value: Any, text: str) -> None:
    """Print `value` as JSON with ``--json``, else `text`."""
    print(json.dumps(value, indent=2) if options.json else text)


def table(header: list[str], rows: list[list[str]]) -> list[str]:
    """Return the lines of a table, header first, columns in line."""
    widths = [max(map(len, column)) for column in zip(header, *rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in [header, *rows]
    ]


def record(run: "Run") -> dict[str, Any]:
    """Return what ``--json`` tells of a run."""
    return {"id": run.id, **run.record.to_dict(), "status": run.status}


def test_result(run: "Run") -> str:
    """Return a run's figures on the test photos as a sentence."""
    test = run.record.test
    if test is None:
        return "not tested yet"
    low, high = test.interval
    return (
        f"test accuracy {test.accuracy:.4f} (95 % interval {low:.4f}-{high:.4f}), "
        f"loss {test.loss:.4f}, {test.n:,} photos"
    )
