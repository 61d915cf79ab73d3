"""The figures of speed in the README and in docs/speed.md, written from what was measured.

    python -m imgcls bench train --json > train.json
    python -m docs.speed train.json ...

What the files hold takes the place of the same benchmark's figures in docs/speed.json.
"""

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

from benchmarks.tables import amount, machine, table

HERE = Path(__file__).parent
README, SPEED, MEASURED = HERE.parent / "README.md", HERE / "speed.md", HERE / "speed.json"
BETWEEN = re.compile(r"(?<=<!-- measured -->\n).*?(?=\n<!-- end -->)", re.DOTALL)
WIDTH = 110  # characters of a line
Measured = Mapping[str, Mapping[str, Any]]


def main(files: list[str]) -> None:
    """Take new figures in, and write the texts."""
    measured = read()
    for file in files:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
        found.pop("run", None)  # an id says nothing to who reads
        measured[_name(found)] = found
    text = json.dumps(dict(sorted(measured.items())), indent=2) + "\n"
    MEASURED.write_text(text, encoding="utf-8")
    for path in (README, SPEED):
        path.write_text(written(path, measured), encoding="utf-8")


def _name(found: Mapping[str, Any]) -> str:
    rounded = "AMX" if found.get("product_type") == "bfloat16" else None
    return " ".join(filter(None, (found["bench"], found.get("preset"), rounded)))


def read() -> dict[str, dict[str, Any]]:
    """Return what was measured: benchmark and preset -> what `imgcls bench --json` printed."""
    found: dict[str, dict[str, Any]] = json.loads(MEASURED.read_text(encoding="utf-8"))
    return found


def written(path: Path, measured: Measured) -> str:
    """Return one of the texts with these figures."""
    figures = in_short(measured) if path == README else in_full(measured)
    lines = (line if line.startswith("|") else fill(line, WIDTH) for line in figures.split("\n"))
    return BETWEEN.sub(lambda _: "\n".join(lines), path.read_text(encoding="utf-8"))


def in_short(measured: Measured) -> str:
    """Return what the README says."""
    training, one = measured["train"], measured["predict paper"]
    return (
        f"Two cores without a GPU train {training['photos']:,} photos in "
        f"{amount(training['ours_seconds'], 'seconds')} where plain Keras takes "
        f"{amount(training['plain_seconds'], 'seconds')}, and answer for one photo in "
        f"{amount(one['ours_seconds'], 'seconds')} where it takes "
        f"{amount(one['plain_seconds'], 'seconds')}."
    )


def in_full(measured: Measured) -> str:
    """Return what docs/speed.md says: a table for each benchmark."""
    headings = {
        "train": "Training, preset `paper`",
        "train AMX": "The same on a processor with AMX: phase 2 multiplies in bfloat16",
        "predict paper": "Answers, preset `paper`",
        "predict hires": "Answers, preset `hires`",
        "startup paper": "One answer on the command line",
    }
    return "\n\n".join(
        f"### {heading}\n\n{machine(measured[name])}.\n\n{table(measured[name])}"
        for name, heading in headings.items()
    )


if __name__ == "__main__":
    main(sys.argv[1:])
