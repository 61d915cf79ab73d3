"""What a server of its own cannot be brought to easily: full queues, stuck threads, no room."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import uvicorn
from starlette.routing import Mount

from imgcls.data.bundled import sample_photos
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.runs.run import Run
from imgcls.service import app, limits, workers
from tests.support.http import ask, form, part_of_form
from tests.support.server import SECONDS

PHOTO = sample_photos()["A drawn golf ball"]
FORM = form(("a.png", PHOTO))


@pytest.fixture(scope="module")
def address(digits: Run) -> Iterator[str]:
    """Serve in this process, where limits can be changed."""
    server = uvicorn.Server(uvicorn.Config(app.create_app(digits), port=0, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    until = time.monotonic() + SECONDS
    while not server.started:
        assert time.monotonic() < until
        time.sleep(0.01)
    (listening,) = server.servers[0].sockets
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let no photo be answered until the event is set."""
    let_go, predict = threading.Event(), Predictor.predict

    def wait(self: Predictor, photo: bytes) -> Prediction:
        let_go.wait(SECONDS)
        return predict(self, photo)

    monkeypatch.setattr(Predictor, "predict", wait)
    yield let_go
    let_go.set()


def test_a_full_queue_refuses_and_says_when_to_come_again(
    address: str, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "PLACES", 3)
    with ThreadPoolExecutor(8) as clients:
        asked = [clients.submit(ask, f"{address}/predict", FORM) for _ in range(8)]
        until = time.monotonic() + SECONDS
        while sum(one.done() for one in asked) < 5:
            assert time.monotonic() < until
            time.sleep(0.01)
        # Whoever looks after the server is answered all the same.
        assert "imgcls_requests_inside 3.0" in ask(f"{address}/metrics").body.decode()
        assert ask(f"{address}/v2/health/live").status == 200
        held.set()
        said = [one.result() for one in asked]
    assert sorted(answer.status for answer in said) == [200] * 3 + [503] * 5
    refused = next(answer for answer in said if answer.status == 503)
    assert refused.headers["Retry-After"] == "1"
    assert "3 requests are waiting" in refused.error
    assert ask(f"{address}/predict", FORM).status == 200


def test_a_stuck_queue_is_not_ready(
    address: str, digits: Run, held: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = ("/v2/health/ready", f"/v2/models/{digits.id}/ready")
    with ThreadPoolExecutor(1) as client:
        asked = client.submit(ask, f"{address}/predict", FORM)
        time.sleep(0.2)
        assert [ask(address + path).status for path in paths] == [200, 200]
        monkeypatch.setattr(workers, "STUCK", 0.1)
        assert [ask(address + path).status for path in paths] == [503, 503]
        held.set()
        assert asked.result().status == 200
    assert [ask(address + path).status for path in paths] == [200, 200]


def test_bodies_share_one_memory(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TOGETHER", len(FORM) + 1000)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> Iterator[bytes]:
        yield part_of_form("a.png") + PHOTO[:2000]
        begun.set()
        go_on.wait(SECONDS)
        yield FORM[len(part_of_form("a.png")) + 2000 :]

    with ThreadPoolExecutor(1) as client:
        asked = client.submit(ask, f"{address}/predict", slow())
        begun.wait(SECONDS)
        time.sleep(0.2)
        assert ask(f"{address}/predict", FORM).status == 503
        go_on.set()
        assert asked.result().status == 200
    assert ask(f"{address}/predict", FORM).status == 200


def test_one_who_sends_nothing_more_is_told(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "IDLE", 0.1)

    def stops() -> Iterator[bytes]:
        yield FORM[:100]
        time.sleep(0.5)

    said = ask(f"{address}/predict", stops())
    assert said.status == 408
    assert "Nothing came" in said.error


def test_a_fault_of_ours_is_told_without_its_details(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(Predictor, "predict", fails)
    said = ask(f"{address}/predict", FORM)
    assert said.status == 500
    assert "fault of the service" in said.error
    assert "secret" not in said.error


def test_a_photo_that_is_too_large_stops_no_other_one(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("imgcls.data.uploads.MAX_BYTES", len(PHOTO))
    said = ask(f"{address}/predict", form(("large.png", PHOTO + b"1"), ("a.png", PHOTO)))
    assert [list(row)[1] for row in said.json] == ["error", "label"]


def test_where_no_run_can_answer_there_is_no_service(
    tmp_path: Path, digits: Run, caplog: pytest.LogCaptureFixture
) -> None:
    assert app.mounted(tmp_path) == []
    assert "There is no finished run" in caplog.text
    (route,) = app.mounted(digits.path.parent)
    assert isinstance(route, Mount)
