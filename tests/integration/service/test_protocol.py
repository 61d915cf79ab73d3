"""The Open Inference Protocol, asked as its own examples do, and by a client that is not ours."""

import base64
import json
from typing import Any

import numpy as np
import pytest
import tritonclient.http as triton

from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.inference.predictor import Prediction, Predictor
from imgcls.runs.run import Run
from tests.support.http import Answer, ask
from tests.support.server import Served
from tests.support.shipped import shipped

PHOTO = sample_photos()["A drawn golf ball"]
IN_BASE64 = base64.b64encode(PHOTO).decode()
IMAGE = {"name": "image", "datatype": "BYTES", "shape": [1], "data": [IN_BASE64]}
SIZE = shipped("scratch on digits").config.image_size
PIXELS = {"name": "photo", "datatype": "FP32", "shape": [1, SIZE, SIZE, 3]}
NUMBERS = SIZE * SIZE * 3


@pytest.fixture(scope="module")
def expected(digits: Run) -> Prediction:
    return Predictor(digits).predict(PHOTO)


@pytest.fixture(scope="module")
def pixels() -> np.ndarray[Any, Any]:
    return read_rgb(PHOTO, SIZE)[None].astype("float32")


def infer(service: Served, digits: Run, request: object, **headers: str) -> Answer:
    body = request if isinstance(request, bytes) else json.dumps(request).encode()
    address = f"{service.address}/v2/models/{digits.id}/infer"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ask(address, body, {"Content-Type": "application/json"} | named)


def test_what_the_protocol_asks_of_every_server(service: Served, digits: Run) -> None:
    model = f"/v2/models/{digits.id}"
    assert ask(f"{service.address}/v2").json.keys() == {"name", "version", "extensions"}
    assert ask(f"{service.address}/v2/health/live").json == {"live": True}
    assert ask(f"{service.address}/v2/health/ready").json == {"ready": True}
    assert ask(f"{service.address}{model}/ready").json == {"name": digits.id, "ready": True}
    said = ask(f"{service.address}{model}").json
    assert said["inputs"][0] == {"name": "photo", "datatype": "FP32", "shape": [-1, SIZE, SIZE, 3]}
    outputs = {output["name"]: output for output in said["outputs"]}
    assert outputs["probabilities"]["shape"] == [-1, 10]
    assert outputs["probabilities"]["parameters"]["labels"] == digits.class_names


def test_a_model_goes_by_all_its_names(service: Served, digits: Run) -> None:
    for name in (digits.id, digits.path.name):
        assert ask(f"{service.address}/v2/models/{name}").json["name"] == digits.id


@pytest.mark.parametrize("how", ["base64", "flat", "nested"])
def test_a_photo_in_json(
    how: str,
    service: Served,
    digits: Run,
    pixels: np.ndarray[Any, Any],
    expected: Prediction,
) -> None:
    data = pixels.ravel() if how == "flat" else pixels
    sent = IMAGE if how == "base64" else {**PIXELS, "data": data.tolist()}
    said = infer(service, digits, {"id": "<7>", "inputs": [sent]})
    assert said.status == 200
    assert said.json["model_name"] == digits.id
    assert said.json["id"] == "<7>"
    found = {output["name"]: output for output in said.json["outputs"]}
    assert found["label"]["data"] == [expected.label]
    assert found["probabilities"]["shape"] == [1, 10]
    np.testing.assert_allclose(found["probabilities"]["data"], [expected.probabilities], atol=1e-5)
    assert found["score"]["data"] == pytest.approx([expected.score], abs=1e-4)
    assert found["known"]["data"] == [expected.known]


def test_only_what_is_asked_for_is_answered(service: Served, digits: Run) -> None:
    said = infer(service, digits, {"inputs": [IMAGE], "outputs": [{"name": "score"}]})
    assert [output["name"] for output in said.json["outputs"]] == ["score"]
    assert "id" not in said.json


def test_a_client_of_the_protocol(
    service: Served, digits: Run, pixels: np.ndarray[Any, Any], expected: Prediction
) -> None:
    client = triton.InferenceServerClient(service.address.removeprefix("http://"))
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(digits.id)
    files = triton.InferInput("image", [2], "BYTES")
    files.set_data_from_numpy(np.array([PHOTO, PHOTO], object))
    tensor = triton.InferInput("photo", list(pixels.shape), "FP32")
    tensor.set_data_from_numpy(pixels)
    for sent, photos in ((files, 2), (tensor, 1)):
        said = client.infer(digits.id, [sent])
        label = expected.label.encode()
        assert said.as_numpy("label").tolist() == [label] * photos
        np.testing.assert_allclose(
            said.as_numpy("probabilities"), [expected.probabilities] * photos, atol=1e-5
        )
        assert said.as_numpy("known").tolist() == [expected.known] * photos
    wanted = [triton.InferRequestedOutput(name, name == "score") for name in ("label", "score")]
    said = client.infer(digits.id, [tensor], outputs=wanted)
    assert said.as_numpy("label").tolist() == [expected.label]
    assert said.as_numpy("score") == pytest.approx(expected.score, abs=1e-4)
    client.close()


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        (b"", "truncated"),
        (b"\xff{", "malformed"),
        (b"[" * 100_000, "array"),
        ({}, "inputs"),
        ({"inputs": []}, "length >= 1"),
        ({"inputs": [IMAGE, IMAGE]}, "length <= 1"),
        ({"inputs": [{"name": "image"}]}, "shape"),
        ({"inputs": [IMAGE], "outputs": [{"name": "nothing"}]}, "no output 'nothing'"),
        ({"inputs": [IMAGE | {"name": "images"}]}, "accepted are 'photo'"),
        ({"inputs": [IMAGE | {"datatype": "FP32"}]}, "accepted are 'photo'"),
        ({"inputs": [IMAGE | {"shape": [0]}]}, "1 to 1,000 files"),
        ({"inputs": [IMAGE | {"shape": [10**9, 10**9]}]}, "1 to 1,000 files"),
        ({"inputs": [IMAGE | {"shape": [10**30]}]}, "Expected `int`"),
        ({"inputs": [IMAGE | {"shape": [2]}]}, "says 2 elements, the data has 1"),
        ({"inputs": [IMAGE | {"data": ["not base64"]}]}, "base64"),
        ({"inputs": [IMAGE | {"data": ["größe"]}]}, "base64"),
        ({"inputs": [IMAGE | {"data": [1]}]}, "Expected `str`"),
        ({"inputs": [IMAGE | {"data": ["aGVsbG8="]}]}, "Image 1 of 1: this is not a picture"),
        ({"inputs": [IMAGE | {"parameters": {"binary_data_size": 9}}]}, "9 bytes, 0 stand"),
        ({"inputs": [PIXELS]}, "no data"),
        ({"inputs": [PIXELS | {"shape": [0] * (33 * NUMBERS)}]}, "more values than 32 photos"),
        ({"inputs": [PIXELS | {"data": [1, 2]}]}, "same size"),
        ({"inputs": [PIXELS | {"data": [0] * (NUMBERS - 1) + ["0"]}]}, "Expected `float`"),
        ({"inputs": [PIXELS | {"data": [0] * (NUMBERS - 1) + [256]}]}, "from 0 to 255"),
        ({"inputs": [PIXELS | {"data": [0] * (NUMBERS - 1) + [float("nan")]}]}, "malformed"),
        ({"inputs": [PIXELS | {"data": [0] * (NUMBERS - 1) + [[0]]}]}, "Expected `float`"),
        (
            {"inputs": [PIXELS | {"data": [[[[0] * NUMBERS]]]}]},
            "the data has [1, 1, 1, ",
        ),
        ({"inputs": [PIXELS | {"data": [[[[0] * 5], [[0] * (NUMBERS - 5)]]]}]}, "one length"),
        ({"inputs": [PIXELS | {"shape": [1, 3, SIZE, SIZE], "data": [0]}]}, f"{SIZE}, {SIZE}, 3]"),
        ({"inputs": [PIXELS | {"shape": [33, SIZE, SIZE, 3], "data": [0]}]}, "1 to 32"),
        ({"inputs": [PIXELS | {"shape": [], "data": [0]}]}, "received the shape []"),
    ],
)
def test_what_does_not_follow_the_protocol_gets_a_sentence(
    service: Served, digits: Run, request_: object, says: str
) -> None:
    said = infer(service, digits, request_)
    assert said.status == 400
    assert says in said.error


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (np.full(NUMBERS, np.nan, "<f4").tobytes(), "photo", "from 0 to 255"),
        (np.full(NUMBERS, np.inf, "<f4").tobytes(), "photo", "from 0 to 255"),
        (bytes(NUMBERS * 4 + 1), "photo", "same size"),
        (bytes(NUMBERS * 4 - 4), "photo", "same size"),
        (b"\x05\0\0\0abc", "image", "ends within"),
        (b"\x05\0", "image", "ends within"),
        (b"\xff\xff\xff\xff", "image", "ends within"),
    ],
)
def test_binary_data_that_does_not_fit(
    service: Served, digits: Run, data: bytes, name: str, says: str
) -> None:
    sent = {**(PIXELS if name == "photo" else IMAGE)} | {
        "parameters": {"binary_data_size": len(data)}
    }
    sent.pop("data", None)
    text = json.dumps({"inputs": [sent]}).encode()
    length = str(len(text))
    said = infer(service, digits, text + data, Inference_Header_Content_Length=length)
    assert said.status == 400
    assert says in said.error


@pytest.mark.parametrize("length", ["-1", "1e3", "x", "999999999", "9" * 5000])
def test_a_length_that_is_none(service: Served, digits: Run, length: str) -> None:
    request = {"inputs": [IMAGE]}
    said = infer(service, digits, request, Inference_Header_Content_Length=length)
    assert said.status == 400
    assert "Inference-Header-Content-Length" in said.error
