"""What keeps these tests fast: none loads TensorFlow, trains, or starts a process."""

import subprocess
import sys
from types import ModuleType
from typing import Any

import pytest

HEAVY = ("tensorflow", "keras")


@pytest.fixture(autouse=True)
def _light(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    imported = [name for name in HEAVY if isinstance(vars(request.module).get(name), ModuleType)]
    assert not imported, f"a unit test imports {imported}: it belongs into tests/integration"
    for name in HEAVY:  # also where a test before this one, in the same process, has loaded it
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr(subprocess.Popen, "__init__", _no_process)


def _no_process(*_arguments: Any, **_options: Any) -> None:
    pytest.fail("a unit test starts a process: it belongs into tests/integration")
