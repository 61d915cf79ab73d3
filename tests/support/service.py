"""The command `serve`, running."""

import sys
from collections.abc import Iterator
from pathlib import Path

from imgcls.runs.run import Run
from tests.support.repository import ROOT
from tests.support.server import Served, serving
from tests.support.shipped import MODELS


def serve(run: Run, folder: Path) -> Iterator[Served]:
    """Serve one of the shipped runs until the test is done with it.

    Args:
        run: that answers.
        folder: to start it in, and for its log.
    """
    with serving(
        [sys.executable, "-m", "imgcls", "serve", run.id, "--port", "{port}"],
        folder,
        folder / "log",
        health="/v2/health/ready",
        PYTHONPATH=str(ROOT),
        IMGCLS_MODELS=str(MODELS),
    ) as server:
        yield server
