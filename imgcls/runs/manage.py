"""What people do with runs that exist: name them, star them, take them away, delete them."""

import io
import shutil
import zipfile

from imgcls.runs import store
from imgcls.runs.run import Run, RunError, update, valid_name


def rename(run: Run, name: str) -> None:
    """Give a run a name for people; an empty one takes its name away.

    Raises:
        RunError: the name is too long, or another run has it.
        OSError: the run cannot be written.
    """
    name = name.strip()
    if name and not valid_name(name):
        raise RunError(f"A name is one line of at most 80 characters; received {len(name)}.")
    others = [other for other in store.readable(run.path.parent) if other.id != run.id]
    if name in {known for other in others for known in (other.id, other.title)}:
        raise RunError(f"Another run is called {name} already: give another name.")
    update(run, name=name or None)


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
