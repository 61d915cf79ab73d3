"""A local server with a small archive."""

import hashlib
import io
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

from imgcls.data.download import Archive


class Server(ThreadingHTTPServer):
    """One archive over HTTP, with the faults that a test asks for."""

    daemon_threads = True

    def __init__(self, body: bytes) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.body = body
        self.md5 = hashlib.md5(body).hexdigest()
        self.ranges = True
        self.cut_after: int | None = None  # bytes of the next answer before the connection ends
        self.claimed_length: int | None = None
        self.status = 200
        self.go_on = threading.Event()  # the body is held back until it is set
        self.go_on.set()
        self.seen: list[tuple[str | None, int]] = []  # Range header, bytes sent

    @property
    def archive(self) -> Archive:
        return Archive(f"http://127.0.0.1:{self.server_port}/photos.tgz", self.md5)


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        server, wanted = self.server, self.headers["Range"]
        if server.status != 200:
            self.send_error(server.status)
            return
        start = int(wanted.removeprefix("bytes=").removesuffix("-")) if wanted else 0
        if not server.ranges:
            start = 0
        if start >= len(server.body):
            server.seen.append((wanted, 0))
            self.send_error(416)
            return
        body = server.body[start:]
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(server.claimed_length or len(body)))
        self.end_headers()
        cut, server.cut_after = server.cut_after, None
        server.go_on.wait(10)
        server.seen.append((wanted, len(body[:cut])))
        self.wfile.write(body[:cut])

    def log_message(self, *args: object) -> None:
        pass


def packed(members: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz") as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return stream.getvalue()


def drawn() -> dict[str, bytes]:
    """Twelve photos of noise, about 90 kB, in the layout of Imagenette."""
    random, members = np.random.default_rng(0), {}
    for folder in ("train/n01440764", "train/n02102040", "val/n01440764", "val/n02102040"):
        for number in range(3):
            stream = io.BytesIO()
            pixels = random.integers(0, 256, (50, 50, 3), dtype=np.uint8)
            Image.fromarray(pixels).save(stream, "PNG")
            members[f"imagenette2-160/{folder}/{number}.png"] = stream.getvalue()
    return members
