"""The Open Inference Protocol, version 2: what its requests and answers say.

https://github.com/kserve/open-inference-protocol, with its extension "binary tensor data".
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from imgcls._utils.arrays import Floats
from imgcls.data.uploads import MAX_PICTURES
from imgcls.errors import ImgclsError
from imgcls.inference.predictor import Prediction
from imgcls.networks.signature import PHOTO, PROBABILITIES
from imgcls.runs.run import Run
from imgcls.service import tensors

IMAGE = "image"  # the input of whole files; `PHOTO` is that of pixels
MAX_PIXEL_PHOTOS = 32
OTHER_VALUES = 10_000  # of a request's JSON; a thousand files are as many
LENGTH_HEADER = "Inference-Header-Content-Length"
# Name -> datatype, and what it is of an answer.
OUTPUTS: dict[str, tuple[str, Callable[[Prediction], Any]]] = {
    "label": ("BYTES", lambda answer: answer.label),
    PROBABILITIES: ("FP32", lambda answer: answer.probabilities),
    "score": ("FP32", lambda answer: answer.score),
    "known": ("BOOL", lambda answer: answer.known),
}
SERVER = {"name": "imgcls", "version": "1", "extensions": ["binary_tensor_data"]}
Photo = bytes | Floats


class ProtocolError(ImgclsError, ValueError):
    """A request that does not follow the protocol; the message is for people."""


class Parameters(Struct, frozen=True):
    """Those that mean something here; others are passed over, as the protocol allows."""

    binary_data_size: Annotated[int, Meta(ge=0)] | None = None
    binary_data: bool | None = None
    binary_data_output: bool = False


NOTHING_SAID = Parameters()


class Input(Struct):
    """A tensor that was sent. Its data is read when it is known how much there may be of it."""

    name: str
    shape: list[Annotated[int, Meta(ge=0, le=2**31)]]
    datatype: str
    parameters: Parameters = NOTHING_SAID
    data: msgspec.Raw = msgspec.field(default_factory=msgspec.Raw)


class Output(Struct):
    """A tensor that is asked for."""

    name: str
    parameters: Parameters = NOTHING_SAID


class Request(Struct):
    """What stands before the binary data."""

    inputs: Annotated[list[Input], Meta(min_length=1, max_length=1)]
    id: str | None = None
    parameters: Parameters = NOTHING_SAID
    outputs: list[Output] = []


@dataclass(frozen=True, eq=False)
class Inference:
    """A request that was understood.

    Attributes:
        id: what the client calls it.
        photos: files, or pixels of shape (size, size, 3), values 0-255.
        outputs: name of each tensor that is asked for -> whether as binary data.
    """

    id: str | None
    photos: Sequence[Photo]
    outputs: dict[str, bool]


def metadata(run: Run) -> dict[str, Any]:
    """Return what the protocol tells of a model; its classes are a parameter of an output."""
    size, names = run.config.image_size, run.class_names
    shapes = {PROBABILITIES: [-1, len(names)]}
    return {
        "name": run.id,
        "platform": "litert",
        "inputs": [
            {"name": PHOTO, "datatype": "FP32", "shape": [-1, size, size, 3]},
            {"name": IMAGE, "datatype": "BYTES", "shape": [-1]},
        ],
        "outputs": [
            {"name": name, "datatype": datatype, "shape": shapes.get(name, [-1])}
            | ({"parameters": {"labels": names}} if name == PROBABILITIES else {})
            for name, (datatype, _) in OUTPUTS.items()
        ],
    }


def read(body: bytes, header: str | None, size: int) -> Inference:
    """Return what a request asks for.

    Args:
        body: JSON, perhaps with binary data behind it.
        header: `LENGTH_HEADER`, how many bytes the JSON has; None: all of the body.
        size: side in pixels of what the network sees.

    Raises:
        ProtocolError: says what was received, and what is accepted.
    """
    length = len(body) if header is None else _length(header, len(body))
    # Counted before they are read: a value of two letters takes 32 bytes or more then.
    if body.count(b",", 0, length) > MAX_PIXEL_PHOTOS * size * size * 3 + OTHER_VALUES:
        raise ProtocolError(f"The JSON has more values than {MAX_PIXEL_PHOTOS} photos have pixels.")
    try:
        request = msgspec.json.decode(memoryview(body)[:length], type=Request)
        photos = _photos(request.inputs[0], memoryview(body)[length:], size)
    except tensors.TensorError as error:
        raise ProtocolError(f"Input {request.inputs[0].name!r}: {error}") from None
    except (msgspec.MsgspecError, RecursionError) as error:
        raise ProtocolError(f"This is not a request of the protocol: {error}.") from None
    otherwise = request.parameters.binary_data_output
    outputs = {output.name: output.parameters.binary_data for output in request.outputs}
    unknown = next((name for name in outputs if name not in OUTPUTS), None)
    if unknown is not None:
        raise ProtocolError(f"There is no output {unknown!r}; there are {', '.join(OUTPUTS)}.")
    wanted = outputs or dict.fromkeys(OUTPUTS)
    return Inference(
        request.id,
        photos,
        {name: otherwise if said is None else said for name, said in wanted.items()},
    )


def written(
    asked: Inference, answers: Sequence[Prediction], run: Run
) -> tuple[bytes, dict[str, str]]:
    """Return the body of an answer, and its headers."""
    outputs, behind = [], []
    for name, as_binary in asked.outputs.items():
        datatype, value = OUTPUTS[name]
        values = [value(answer) for answer in answers]
        shape = [len(values)] + ([len(values[0])] if name == PROBABILITIES else [])
        told: dict[str, Any] = {"name": name, "datatype": datatype, "shape": shape}
        if as_binary:
            behind.append(tensors.binary(datatype, values))
            outputs.append(told | {"parameters": {"binary_data_size": len(behind[-1])}})
        else:
            outputs.append(told | {"data": values})
    known = {"model_name": run.id} | ({} if asked.id is None else {"id": asked.id})
    text = json.dumps(known | {"outputs": outputs}).encode()
    if not behind:
        return text, {"Content-Type": "application/json"}
    headers = {"Content-Type": "application/octet-stream", LENGTH_HEADER: str(len(text))}
    return b"".join([text, *behind]), headers


def _length(header: str, most: int) -> int:
    try:
        length = int(header)
    except ValueError:
        length = -1
    if not 0 <= length <= most:
        raise ProtocolError(f"{LENGTH_HEADER}: received {header!r} for a body of {most:,} bytes.")
    return length


def _photos(sent: Input, behind: memoryview, size: int) -> Sequence[Photo]:
    declared = sent.parameters.binary_data_size
    if len(behind) != (declared or 0):
        raise ProtocolError(
            f"binary_data_size says {declared or 0:,} bytes, {len(behind):,} stand behind the JSON."
        )
    data = sent.data if declared is None else behind
    if not memoryview(data):
        raise ProtocolError(f"Input {sent.name!r}: it has no data.")
    if (sent.name, sent.datatype) == (IMAGE, "BYTES"):
        _require(0 < math.prod(sent.shape) <= MAX_PICTURES, sent, f"1 to {MAX_PICTURES:,} files")
        return tensors.files(data, math.prod(sent.shape))
    if (sent.name, sent.datatype) == (PHOTO, "FP32"):
        fits = sent.shape[1:] == [size, size, 3] and 0 < sent.shape[0] <= MAX_PIXEL_PHOTOS
        _require(fits, sent, f"[1 to {MAX_PIXEL_PHOTOS}, {size}, {size}, 3]")
        return list(tensors.pixels(data, sent.shape))
    raise ProtocolError(
        f"Received an input {sent.name!r} of {sent.datatype!r}; accepted are {PHOTO!r} of 'FP32' "
        f"and {IMAGE!r} of 'BYTES'."
    )


def _require(fits: bool, sent: Input, accepted: str) -> None:
    if not fits:
        raise ProtocolError(
            f"Input {sent.name!r}: received the shape {sent.shape[:8]}, accepted: {accepted}."
        )
