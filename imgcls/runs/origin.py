"""Where a run comes from, in words."""

import shlex
from pathlib import Path

from imgcls._utils.formatting import duration
from imgcls.networks.weights import described
from imgcls.runs import provenance
from imgcls.runs.run import Run

BFLOAT16 = (
    "phase 2 learned with matrix products of bfloat16 numbers, which this processor is built for; "
    "all answers are computed in float32"
)


def photos(run: Run) -> str:
    """Return the dataset with its numbers of photos, such as "Digits: 1,438 train, 291 …"."""
    known = run.record.data
    return f"{run.dataset_title}: {', '.join(f'{known.count(of):,} {of}' for of in known.counts)}"


def base_weights(run: Run) -> str:
    """Return what the base's weights are known to be."""
    base = run.record.base
    return described(base.note, base.size) if base else "none, the network started from noise"


def machine(run: Run) -> str:
    """Return the processor and the number of cores that trained it."""
    known = run.record.machine
    return f"{known.processor}, {known.cores} cores"


def took(run: Run) -> str:
    """Return how long the training took, and where: "14 s here", or "14 s on another machine"."""
    where = "here" if run.record.machine == provenance.machine() else "on another machine"
    return f"{duration(run.record.timings.total)} {where}"


def public_command(run: Run) -> str:
    """Return the run's command for others to read: of folders on this machine the names alone."""
    words = shlex.split(run.record.command)
    return shlex.join(Path(word).name if Path(word).is_absolute() else word for word in words)


def facts(run: Run, *, public: bool = False) -> dict[str, str]:
    """Return all that is known of a run's origin, by a heading for each fact.

    Args:
        run: the run.
        public: whether others than the run's owner will read it, see `public_command`.
    """
    record = run.record
    sha256 = f"; SHA-256 {record.base.sha256[:12]}…" if record.base else ""
    versions = ", ".join(f"{name} {number}" for name, number in record.versions.items())
    spent = {
        part.replace("phase", "phase "): duration(seconds)
        for part, seconds in record.timings.to_dict().items()
    }
    rounded = record.product_type == "bfloat16"
    found = {
        "Photos": f"{photos(run)}; fingerprint {run.fingerprint[:12]}…",
        "Base weights": f"{base_weights(run)}{sha256}",
        "Machine": f"{machine(run)}, {record.machine.memory_gb} GB; {versions}",
        "Precision": BFLOAT16 if rounded else "",
        "Time": ", ".join(f"{part} {seconds}" for part, seconds in spent.items()),
        "Made by": public_command(run) if public else record.command,
    }
    return {name: text for name, text in found.items() if text}
