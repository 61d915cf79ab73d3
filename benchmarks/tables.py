"""What was measured, as Markdown tables: medians, how far the repeats lie apart, and ratios."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Literal

Unit = Literal["seconds", "megabytes", ""]


@dataclass(frozen=True)
class Row:
    """One row of a table.

    Attributes:
        label: what was measured.
        plain: key of plain Keras's figure; "" for what only ours has.
        ours: key of ours.
        times: key of their ratio; "" for none.
        unit: of both figures; "" where the label names it.
    """

    label: str
    plain: str
    ours: str
    times: str
    unit: Unit = "seconds"


ROWS: dict[str, tuple[Row, ...]] = {
    "train": (
        Row("whole run from JPEGs, nothing cached", "plain_seconds", "ours_seconds", "ratio"),
        Row("whole run, features cached", "plain_seconds", "warm_seconds", "warm_ratio"),
        Row(
            "phase 1, only the head changed",
            "phase1_plain_seconds",
            "phase1_head_changed_seconds",
            "phase1_head_changed_ratio",
        ),
        Row("phase 2", "phase2_plain_seconds", "phase2_seconds", "phase2_ratio"),
        Row("cache on disk", "", "cache_megabytes", "", "megabytes"),
    ),
    "predict": (
        Row("one photo, decoding included", "plain_seconds", "ours_seconds", "ratio"),
        Row("the same, 95th percentile", "plain_p95_seconds", "ours_p95_seconds", ""),
        Row(
            "a folder, photos a second",
            "plain_photos_per_second",
            "ours_photos_per_second",
            "folder_ratio",
            "",
        ),
    ),
    "startup": (
        Row("process start to first answer", "plain_seconds", "ours_seconds", "ratio"),
        Row(
            "peak memory of that", "plain_megabytes", "ours_megabytes", "memory_ratio", "megabytes"
        ),
    ),
}
HEAD = ("| | plain Keras | imgcls | times |", "| --- | ---: | ---: | ---: |")


def summary(samples: Mapping[str, Sequence[float]]) -> dict[str, Any]:
    """Return the median of each list, and as `spread` its lowest and highest value."""
    return {
        **{name: median(values) for name, values in samples.items()},
        "spread": {name: [min(values), max(values)] for name, values in samples.items()},
    }


def machine(found: Mapping[str, Any]) -> str:
    """Return where and when something was measured."""
    where = found["machine"]
    return (
        f"{where['processor']}, {where['cores']} cores, {where['system']}; "
        f"TensorFlow {found['versions']['tensorflow']}, {found['date']}; "
        f"medians of {found['repeats']}"
    )


def table(found: Mapping[str, Any]) -> str:
    """Return the table of one benchmark's result; of trainings one for each number of photos."""
    parts = found.get("sizes", [found])
    return "\n\n".join("\n".join(_lines(found["bench"], part)) for part in parts)


def _lines(bench: str, found: Mapping[str, Any]) -> Iterator[str]:
    head, rule = HEAD
    if "photos" in found:
        head = head.replace("| |", f"| {found['photos']:,} photos |", 1)
    yield from (head, rule)
    for row in ROWS[bench]:
        plain = figure(found, row.plain, row.unit) if row.plain else ""
        times = f"{found[row.times]:.1f}" if row.times else ""
        yield f"| {row.label} | {plain} | {figure(found, row.ours, row.unit)} | {times} |"
    if "arithmetic_seconds" in found:
        yield ""
        yield arithmetic(found)


def arithmetic(found: Mapping[str, Any]) -> str:
    """Return how near to what the processor can do a training comes."""
    speed = figure(found, "gflop_per_second", "")
    whole, tail = found["arithmetic_seconds"], found["phase2_arithmetic_seconds"]
    said = (
        f"Large matrix products in float32 reach {speed} GFLOP/s here. At this speed the "
        f"multiplications of the whole run would take {amount(whole, 'seconds')}, "
        f"{whole / found['ours_seconds']:.0%} of the time with nothing cached; those of "
        f"phase 2 {amount(tail, 'seconds')}, {tail / found['phase2_seconds']:.0%} of its time."
    )
    return said.replace("%", " %")


def figure(found: Mapping[str, Any], name: str, unit: Unit) -> str:
    """Return a figure with its unit, and with the range of its repeats if there were several."""
    low, high = found.get("spread", {}).get(name, [found[name]] * 2)
    factor, symbol = _scale(found[name], unit)
    spread = "" if low == high else f" ({_rounded(low * factor)} to {_rounded(high * factor)})"
    return f"{_rounded(found[name] * factor)}{symbol}{spread}"


def amount(value: float, unit: Unit) -> str:
    """Return a number of a unit as people read it.

    Example:
        >>> amount(0.00291, "seconds"), amount(518.7, "seconds"), amount(1219.2, "")
        ('2.91 ms', '519 s', '1,219')
    """
    factor, symbol = _scale(value, unit)
    return f"{_rounded(value * factor)}{symbol}"


def _scale(value: float, unit: Unit) -> tuple[int, str]:
    if unit == "seconds":
        return (1, " s") if value >= 1 else (1000, " ms")
    return 1, " MB" if unit == "megabytes" else ""


def _rounded(value: float) -> str:
    """Return a number with three digits, or all those before the point."""
    return f"{value:,.{max(0, 2 - math.floor(math.log10(value)))}f}"
