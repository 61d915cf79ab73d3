"""Where a run comes from, in words."""

from imgcls.runs import Run


def photos(run: Run) -> str:
    """Return the dataset with its numbers of photos, such as "digits: 1,438 train, 291 …"."""
    counts = {split: sum(of.values()) for split, of in run.record["data"]["counts"].items()}
    return f"{run.dataset}: {', '.join(f'{n:,} {split}' for split, n in counts.items())}"


def base_weights(run: Run) -> str:
    """Return what the base's weights are known to be."""
    base = run.record["base"]
    note: str = base["note"] if base else "none, the network started from noise"
    return note


def machine(run: Run) -> str:
    """Return the processor and the number of cores that trained it."""
    known = run.record["machine"]
    return f"{known['processor']}, {known['cores']} cores"
