"""How many photos a service answers, beside the same model behind FastAPI and plain Keras.

    python -m benchmarks.service [RUN]

It needs wrk (Debian, Ubuntu: apt install wrk) and FastAPI (pip install fastapi). The servers run
one after the other, three rounds; the table holds medians.
"""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import psutil

from imgcls.data.bundled import sample_photos
from imgcls.data.images import as_jpeg, open_picture
from imgcls.paths import models_dir
from imgcls.runs import store
from imgcls.runs.provenance import machine
from imgcls.runs.run import Run
from tests.support.http import FORM, form
from tests.support.server import Served, serving

ROUNDS, SECONDS, WARM_UP = 3, 10, 3
CONNECTIONS = (1, 16)  # how long one waits, and how many are answered
SIDE = 512  # pixels of the photo's longer side: some 50 KB
# As tutorials put a model behind FastAPI, with the call that they use, and the faster one.
FASTAPI = """
import sys
import keras, numpy as np, uvicorn
from fastapi import FastAPI, UploadFile
from PIL import Image, ImageOps

model = keras.saving.load_model(sys.argv[1], compile=False)
size = model.input_shape[1]
app = FastAPI()

@app.post("/predict")
async def predict(file: UploadFile):
    photo = ImageOps.fit(Image.open(file.file).convert("RGB"), (size, size))
    shares = np.asarray({call})[0]
    return {{"label": int(shares.argmax()), "probabilities": shares.tolist()}}

uvicorn.run(app, port=int(sys.argv[2]), log_level="error")
"""
CALLS = {
    "FastAPI, `model.predict`": "model.predict(np.asarray(photo)[None], verbose=0)",
    "FastAPI, `model(...)`": "model(np.asarray(photo)[None], training=False)",
}
OURS = "imgcls serve"
# wrk is told in Lua what to send, and what to say at the end: microseconds all.
SCRIPT = """
wrk.method = "POST"
wrk.body = io.open("{body}", "rb"):read("*a")
wrk.headers["Content-Type"] = "{type}"
function done(summary, latency, requests)
  local wrong = summary.errors
  io.write(string.format("\\n%d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    wrong.connect + wrong.read + wrong.write + wrong.status + wrong.timeout))
end
"""


class Measured(NamedTuple):
    """What wrk found, and what the server's process took; times in milliseconds."""

    a_second: float
    median: float
    p99: float
    processor: float  # for an answer: this changes least where others use the machine too
    failed: int


def main(run: Run) -> None:
    """Print the table."""
    found: dict[tuple[str, int], list[Measured]] = {}
    memory: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        script = _script(Path(folder))
        for _ in range(ROUNDS):
            for name, command in _commands(run).items():
                for served in _served(name, command, Path(folder)):
                    _ask(served, script, CONNECTIONS[-1], WARM_UP)
                    for connections in CONNECTIONS:
                        measured = _ask(served, script, connections, SECONDS)
                        found.setdefault((name, connections), []).append(measured)
                        print(name, connections, measured, file=sys.stderr)
                    used = psutil.Process(served.pid).memory_info().rss
                    memory.setdefault(name, []).append(used / 1e6)
    _print(run, found, memory)


def _commands(run: Run) -> dict[str, list[str]]:
    python, model = sys.executable, str(run.file("model.keras"))
    ours = [python, "-m", "imgcls", "serve", run.id, "--port", "{port}"]
    plain = {
        name: [python, "-c", FASTAPI.format(call=call), model, "{port}"]
        for name, call in CALLS.items()
    }
    return {OURS: ours, **plain}


def _script(folder: Path) -> Path:
    photo = as_jpeg(open_picture(sample_photos()["A temple"], SIDE).image, SIDE)
    body, script = folder / "body", folder / "post.lua"
    body.write_bytes(form(("photo.jpg", photo)))
    script.write_text(SCRIPT.format(body=body, type=FORM["Content-Type"]))
    return script


def _served(name: str, command: list[str], folder: Path) -> Iterator[Served]:
    health = "/v2/health/ready" if name == OURS else "/docs"
    with serving(command, Path.cwd(), folder / "log", health=health) as server:
        yield server


def _ask(served: Served, script: Path, connections: int, seconds: int) -> Measured:
    address = f"{served.address}/predict"
    wrk = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s"]
    command = [*wrk, "-s", str(script), address]
    server = psutil.Process(served.pid)
    before = server.cpu_times()
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    after = server.cpu_times()
    requests, duration, half, most, failed = map(int, said.splitlines()[-1].split())
    used = after.user + after.system - before.user - before.system
    return Measured(
        requests / duration * 1e6, half / 1000, most / 1000, used / max(1, requests) * 1000, failed
    )


def _print(
    run: Run, found: dict[tuple[str, int], list[Measured]], memory: dict[str, list[float]]
) -> None:
    on = machine()
    print(f"{on.processor}, {on.cores} cores, {on.system}; {run.id}, medians of {ROUNDS}\n")
    print("| server | at a time | answers a second | median, ms | p99, ms | processor, ms | MB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for (name, connections), rounds in found.items():
        assert not any(measured.failed for measured in rounds), "some were not answered"
        figures = [median(column) for column in zip(*rounds, strict=True)][:-1]
        cells = [name, str(connections), *map(_three_digits, figures)]
        print(f"| {' | '.join(cells)} | {median(memory[name]):.0f} |")


def _three_digits(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.3g}"  # noqa: PLR2004


if __name__ == "__main__":
    models = models_dir()
    main(store.find(models, sys.argv[1]) if sys.argv[1:] else store.default(models, preset="paper"))
