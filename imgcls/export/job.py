"""An export in a process of its own: TensorFlow's memory is free again when it ends."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from imgcls.export.formats import ExportError
from imgcls.export.proof import Proof
from imgcls.runs.run import Run


@dataclass(frozen=True)
class Exported:
    """A classifier to be taken away.

    Attributes:
        content: the zip.
        proof: that it answers as it does here.
    """

    content: bytes
    proof: Proof


def export_apart(run: Run, format: str, location: str | None) -> Exported:
    """Run ``python -m imgcls export`` and wait for it.

    Args:
        run: a finished run.
        format: one of `imgcls.export.formats.FORMATS`.
        location: where the photos are that it learned from, as `open_dataset` takes it.

    Raises:
        ExportError: it failed; the message is what the command said.
        OSError: there is no room for the zip.
    """
    with TemporaryDirectory() as temporary:
        out = Path(temporary, "export.zip")
        options = ["--format", format, "--out", str(out), "--json"]
        photos = ["--data", location] if location else []
        done = subprocess.run(
            [sys.executable, "-m", "imgcls", "export", run.id, *options, *photos],
            env={**os.environ, "IMGCLS_MODELS": str(run.path.parent)},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
            raise ExportError(said.removeprefix("imgcls: "))
        return Exported(out.read_bytes(), msgspec.json.decode(done.stdout, type=Proof))
