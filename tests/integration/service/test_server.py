"""The command `serve`: a real process, asked over HTTP."""

import http.client
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from statistics import median

import psutil
import pytest

from imgcls.cli import main
from imgcls.data.bundled import sample_photos
from imgcls.data.uploads import MAX_PICTURES
from imgcls.runs.run import Run
from imgcls.service.limits import LINGER
from tests.support.http import BOUNDARY, FORM, ask, form, part_of_form
from tests.support.repository import ROOT
from tests.support.server import Served
from tests.support.shipped import MODELS, shipped

DOCUMENT = ROOT / "docs/service.md"
PHOTO = sample_photos()["A drawn golf ball"]
MEGABYTE = bytes(1_000_000)
HEAVY = ("tensorflow", "pandas", "pyarrow", "scipy", "sklearn")


def test_predict_answers_as_the_command_line_does(
    service: Served,
    digits: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    files = {"a photo.png": PHOTO, "no photo.jpg": b"hello"}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("IMGCLS_MODELS", str(MODELS))
    main.main(["predict", "--json", "--run", digits.id, *files])
    expected = json.loads(capsys.readouterr().out)
    said = ask(f"{service.address}/predict", form(*files.items()))
    assert said.status == 200
    found = said.json
    assert [list(row) for row in found] == [list(row) for row in expected]
    # One thread adds in another order than several do.
    for row in expected[0], *expected[0]["top"]:
        row |= {"probability": pytest.approx(row["probability"], abs=1e-5)}
    expected[0] |= {
        "score": pytest.approx(expected[0]["score"], abs=1e-4),
        "seconds": found[0]["seconds"],
    }
    assert found == expected


def test_names_are_text_whatever_they_are(service: Served) -> None:
    names = ["<b>&amp;.png", "größe 写真.png", "line\u2028.png", "../../etc/passwd"]
    said = ask(f"{service.address}/predict", form(*((name, PHOTO) for name in names)))
    assert [row["file"] for row in said.json] == names
    assert said.body.isascii()


@pytest.mark.parametrize(
    ("body", "headers", "status", "says"),
    [
        (b"", FORM, 400, "cannot be read"),
        (b"nonsense", FORM, 400, "cannot be read"),
        (form(), FORM, 400, "no file"),
        (form(("a.png", PHOTO))[:-30], FORM, 400, "cannot be read"),
        (form(("a.png", PHOTO)), {"Content-Type": "multipart/form-data"}, 400, "boundary"),
        (PHOTO, {"Content-Type": "image/png"}, 415, "multipart/form-data"),
        (form(("a.png", PHOTO)), FORM | {"Content-Encoding": "gzip"}, 415, "compressed"),
        (form(*[("a.png", b"")] * (MAX_PICTURES + 1)), FORM, 400, "Too many files"),
    ],
)
def test_what_is_no_form_with_files_gets_a_sentence(
    service: Served, body: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    said = ask(f"{service.address}/predict", body, headers)
    assert said.status == status
    assert says in said.error


@pytest.mark.parametrize(
    ("path", "status"), [("/predict", 405), ("/nowhere", 404), ("/v2/models/other", 404)]
)
def test_an_address_that_there_is_not(service: Served, path: str, status: int) -> None:
    said = ask(service.address + path)
    assert said.status == status
    assert said.error


def test_more_than_is_accepted_is_refused_before_it_is_sent(service: Served) -> None:
    connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=30)
    connection.putrequest("POST", "/predict")
    for name, value in (FORM | {"Content-Length": str(10**15), "Expect": "100-continue"}).items():
        connection.putheader(name, value)
    connection.endheaders()
    said = connection.getresponse()
    assert said.status == 413
    assert "100 MB" in json.loads(said.read())["error"]
    connection.close()


def test_more_than_is_accepted_is_refused_while_it_is_sent(service: Served) -> None:
    sent = 0

    def endless() -> Iterator[bytes]:
        nonlocal sent
        yield part_of_form("endless.png")
        while True:
            sent += len(MEGABYTE)
            yield MEGABYTE

    process = psutil.Process(service.pid)
    before, begun = process.memory_info().rss, time.monotonic()
    with pytest.raises(OSError, match=r"Broken pipe|reset"):
        ask(f"{service.address}/predict", endless())
    assert sent >= 100e6
    assert time.monotonic() - begun < LINGER + 10
    assert process.memory_info().rss - before < 200e6
    assert ask(f"{service.address}/predict", form(("a.png", PHOTO))).status == 200


def test_nothing_is_written_to_the_disk(service: Served) -> None:
    opened = Path(f"/proc/{service.pid}/fd")
    if not opened.is_dir():
        pytest.skip("this system does not tell which files are open")

    def begun() -> Iterator[bytes]:
        yield part_of_form("large.png")
        yield from [MEGABYTE] * 10
        time.sleep(0.2)
        files.update(str(file.readlink()) for file in opened.iterdir())
        yield f"\r\n--{BOUNDARY}--\r\n".encode()

    files: set[str] = set()
    assert ask(f"{service.address}/predict", begun()).status == 200
    assert {file for file in files if file.startswith("/")} == {"/dev/null", str(service.log)}


def test_no_large_package_is_loaded(service: Served) -> None:
    assert ask(f"{service.address}/predict", form(("a.png", PHOTO))).status == 200
    loaded = {
        part for file in psutil.Process(service.pid).memory_maps() for part in Path(file.path).parts
    }
    assert "ai_edge_litert" in loaded
    assert not loaded & {*HEAVY}


def test_each_request_is_a_line_in_the_log(service: Served) -> None:
    ask(f"{service.address}/nowhere%0Aelse")
    ask(f"{service.address}/predict", form(("a.png", PHOTO)))
    log = service.log.read_text()
    time_ = r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} 127.0.0.1 "
    assert re.search(time_ + r"GET /nowhere␊else 404 [\d.]+ ms$", log, re.MULTILINE)
    assert re.search(time_ + r"POST /predict 200 [\d.]+ ms$", log, re.MULTILINE)
    assert "Traceback" not in log


def test_metrics_count_requests_and_photos(service: Served) -> None:
    def counted(name: str) -> float:
        text = ask(f"{service.address}/metrics").body.decode()
        found = re.search(rf"^{re.escape(name)} (.*)$", text, re.MULTILINE)
        return float(found[1]) if found else 0

    photos = "imgcls_photos_total"
    requests = 'imgcls_requests_total{endpoint="predict",status="200"}'
    seconds = 'imgcls_request_seconds_count{endpoint="predict"}'
    names = (photos, requests, seconds)
    before = [counted(name) for name in names]
    ask(f"{service.address}/predict", form(*[("a.png", PHOTO)] * 3))
    assert [counted(name) for name in names] == [before[0] + 3, before[1] + 1, before[2] + 1]


def test_an_answer_is_not_held_back(service: Served) -> None:
    """Where the system waits for more to send, each answer takes 40 ms."""
    connection = http.client.HTTPConnection(service.address.removeprefix("http://"), timeout=30)
    taken = []
    for _ in range(20):
        begun = time.perf_counter()
        connection.request("GET", "/v2/health/live")
        connection.getresponse().read()
        taken.append(time.perf_counter() - begun)
    connection.close()
    assert median(taken) < 0.03


def test_what_has_begun_is_answered_before_it_ends(short_service: Served) -> None:
    process = psutil.Process(short_service.pid)
    body = form(*[("a.png", PHOTO)] * 20)
    connection = http.client.HTTPConnection(
        short_service.address.removeprefix("http://"), timeout=30
    )
    connection.putrequest("POST", "/predict")
    for name, value in (FORM | {"Content-Length": str(len(body))}).items():
        connection.putheader(name, value)
    connection.endheaders(body[:1000])
    time.sleep(0.2)
    os.kill(short_service.pid, signal.SIGTERM)
    time.sleep(0.3)
    # Nothing new: refused, or reset where it had knocked before the door was closed.
    with closing(connection):
        with pytest.raises(OSError, match=r"refused|reset"):
            ask(f"{short_service.address}/v2")
        connection.send(body[1000:])
        said = connection.getresponse()
        assert said.status == 200
        assert len(json.loads(said.read())) == 20
    assert process.wait(10) in (0, -signal.SIGTERM)
    assert "Traceback" not in short_service.log.read_text()


def test_a_port_that_is_taken_and_a_run_that_cannot_answer(
    digits: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IMGCLS_MODELS", str(MODELS))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main.main(["serve", digits.id, "--port", str(port)]) == 1
        assert f"Port {port} of 127.0.0.1 cannot be used" in capsys.readouterr().err
    tables_alone = shipped("noise-5").id
    assert main.main(["serve", tables_alone]) == 1
    assert "cannot predict" in capsys.readouterr().err
    assert main.main(["serve", "none of them"]) == 1
    assert "There is no run" in capsys.readouterr().err


@pytest.mark.parametrize("language", ["bash", "python"])
def test_the_examples_of_the_document(
    language: str, service: Served, digits: Run, tmp_path: Path
) -> None:
    (example,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    example = example.replace("http://127.0.0.1:8000", service.address)
    example = example.replace("/RUN/", f"/{digits.id}/")
    for name in ("photo.jpg", "other.jpg"):
        (tmp_path / name).write_bytes(PHOTO)
    command = ["bash", "-c"] if language == "bash" else [sys.executable, "-c"]
    if language == "bash" and not shutil.which("curl"):
        pytest.skip("needs curl")
    said = subprocess.run(
        [*command, example], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert any(name in said.stdout for name in digits.class_names)


def test_many_at_once_are_all_answered(service: Served) -> None:
    address, body = f"{service.address}/predict", form(("a.png", PHOTO))
    with ThreadPoolExecutor(16) as clients:
        said = list(clients.map(lambda _: ask(address, body), range(64)))
    assert {answer.status for answer in said} == {200}
    assert len({answer.json[0]["label"] for answer in said}) == 1
