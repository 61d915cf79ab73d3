"""What people do with runs that exist: name them, star them, take them away, delete them."""

import io
import shutil
import zipfile
from itertools import chain, count
from pathlib import Path

from imgcls._utils.names import printable, shortened
from imgcls.runs import store
from imgcls.runs.run import Run, RunError, update, valid_name


def rename(run: Run, name: str) -> None:
    """Give a run a name for people; an empty one takes its name away.

    Raises:
        RunError: the name is too long, or another run has it.
        OSError: the run cannot be written.
    """
    update(run, name=free_name(run.path.parent, name, own=run.id))


def free_name(models: Path, name: str, own: str | None = None) -> str | None:
    """Return a name as it may be given to a run, without blanks around it; None for no name.

    Args:
        models: folder of runs.
        name: what somebody entered.
        own: id of the run that gets it, when there is one.

    Raises:
        RunError: the name is too long or no single line, or another run goes by it.
    """
    name = name.strip()
    if not name:
        return None
    if not valid_name(name):
        raise RunError(
            "name: allowed is one line of at most 80 characters; received one of "
            f"{len(name)} characters: {shortened(printable(name), 40)}."
        )
    if name in _taken(models, own):
        raise RunError(f"Another run is called {printable(name)} already: give another name.")
    return name


def unused_name(models: Path, name: str) -> str:
    """Return the name, or when another run goes by it the name with the first free number."""
    taken = _taken(models, None)
    numbered = (f"{name[:70]} {number}" for number in count(2))
    return next(known for known in chain([name[:80]], numbered) if known not in taken)


def _taken(models: Path, own: str | None) -> set[str]:
    others = [run for run in store.readable(models) if run.id != own]
    return {
        known
        for run in others
        for known in (run.id, run.path.name, run.title, *run.record.former_ids)
    }


def star(run: Run, *, starred: bool) -> None:
    """Mark a run as one to find again, or take the mark away. Raises OSError."""
    update(run, starred=starred)


def delete(run: Run) -> None:
    """Delete a run with all its files.

    Raises:
        RunError: it is being trained.
        OSError: its folder cannot be removed.
    """
    if run.status == "running":
        raise RunError(f"{run.title} is being trained: stop it first.")
    # Under another name first, which no list shows: whoever reads meanwhile sees all of it or none.
    hidden = run.path.with_name(f".deleted-{run.path.name}")
    run.path.rename(hidden)
    shutil.rmtree(hidden)


def archive(run: Run) -> bytes:
    """Return the run's files as a zip that, unpacked among other runs, is this run again.

    Raises OSError.
    """
    content = io.BytesIO()
    # Weights and Parquet files hardly get smaller.
    with zipfile.ZipFile(content, "w", zipfile.ZIP_STORED) as packed:
        for path in sorted(run.path.iterdir()):
            if path.is_file():
                packed.write(path, f"{run.id}/{path.name}")
    return content.getvalue()
