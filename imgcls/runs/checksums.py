"""What a run's files must hold: of a flipped bit neither LiteRT nor Parquet would say a word."""

from imgcls._utils.files import sha256
from imgcls.runs.files import LASTING
from imgcls.runs.run import Run, RunError


def of(run: Run) -> dict[str, str]:
    """Return file -> SHA-256 of what training has left in a run's folder. Raises OSError."""
    return {name: sha256(run.file(name)) for name in LASTING if run.file(name).is_file()}


def damaged(run: Run) -> list[str]:
    """Return a sentence for each of a run's files that is missing or not what it was.

    Of those alone that its record knows, see `imgcls.runs.record.RunRecord.checksums`.
    """
    found = []
    for name in run.record.checksums:
        try:
            run.checked(name)
        except RunError as error:
            found.append(str(error))
        except OSError as error:
            found.append(f"{run.file(name)} cannot be read: {error.strerror}.")
    return found
