"""Ask a server as other programs do, whatever it answers."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.message import Message
from typing import Any

BOUNDARY = "one-photo-after-the-other"
FORM = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}


@dataclass(frozen=True)
class Answer:
    """What a server said."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        """The body, read."""
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The one sentence of a refusal."""
        (name, said), *others = self.json.items()
        assert name == "error"
        assert not others
        return str(said)


def ask(
    address: str, body: bytes | Iterable[bytes] | None = None, headers: Mapping[str, str] = FORM
) -> Answer:
    """Return the answer to a GET, or with a body to a POST; parts of one go out as they come."""
    request = urllib.request.Request(address, body, dict(headers) if body is not None else {})
    try:
        with urllib.request.urlopen(request, timeout=60) as said:
            return Answer(said.status, said.headers, said.read())
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read())


def form(*files: tuple[str, bytes]) -> bytes:
    """Return the body of a form with files."""
    parts = b"".join(part_of_form(name) + content + b"\r\n" for name, content in files)
    return parts + f"--{BOUNDARY}--\r\n".encode()


def part_of_form(name: str) -> bytes:
    """Return what stands before the content of a file in a form."""
    return (
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    ).encode()
