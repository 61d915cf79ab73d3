from pathlib import Path

import pytest

from imgcls.runs.run import Run
from tests.support.runs import example


@pytest.fixture
def finished() -> Run:
    """A finished run that is its record alone."""
    return Run(Path("models") / example().id, example())
