"""The container file: what can be shown without a container engine."""

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.support.repository import ROOT
from tests.support.server import serving

INSTRUCTIONS = re.findall(
    r"^(FROM|WORKDIR|COPY|RUN|USER|ENV|VOLUME|EXPOSE|HEALTHCHECK CMD|CMD) (.*)$",
    (ROOT / "Dockerfile").read_text(),
    re.MULTILINE,
)


def all_of(name: str) -> list[str]:
    return [rest for instruction, rest in INSTRUCTIONS if instruction == name]


def test_every_line_is_an_instruction_that_is_looked_at_here() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    assert len(INSTRUCTIONS) == sum(bool(line) and not line.startswith("#") for line in lines)


def test_what_the_app_needs_is_there_and_copied() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    sources = {source for copied in all_of("COPY") for source in copied.split()[:-1]}
    needed = {"app.py", "pages", "imgcls", "models", ".streamlit", "docs"}
    for source in sources | needed:
        assert (ROOT / source).exists()
        assert source not in ignored
    assert "pip install --no-cache-dir --requirement requirements.txt" in all_of("RUN")


def test_the_command_serves_on_the_port_that_the_health_check_asks(tmp_path: Path) -> None:
    (command,), (check,) = all_of("CMD"), all_of("HEALTHCHECK CMD")
    (exposed,) = all_of("EXPOSE")
    assert f"--server.port={exposed}" in command
    program, *arguments = json.loads(command.replace(exposed, "{port}"))
    variables = dict(pair.split("=") for pair in shlex.split(all_of("ENV")[0]))
    inside = {name: value.replace("/data", str(tmp_path)) for name, value in variables.items()}
    server = [sys.executable, "-m", program, *arguments]
    with serving(server, ROOT, tmp_path / "log", **inside) as served:
        port = served.address.rpartition(":")[2]
        _, *health = json.loads(check.replace(exposed, port))
        subprocess.run([sys.executable, *health], check=True)
