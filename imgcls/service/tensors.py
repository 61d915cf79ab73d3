"""Data of tensors, in JSON or binary, as the Open Inference Protocol writes them <-> arrays.

Binary data is little-endian and row by row; an element of BYTES is its length in four bytes, then
the bytes themselves; one of BOOL is a byte.
"""

import base64
import binascii
import math
from collections.abc import Iterator, Sequence

import msgspec
import numpy as np

from imgcls._utils.arrays import Floats
from imgcls.errors import ImgclsError

FP32 = np.dtype("<f4")
DTYPES = {"FP32": FP32, "BOOL": np.dtype("?")}
NESTED = list[list[list[list[float]]]]
LENGTH = 4  # bytes before an element of BYTES
BEGINNING = 64  # bytes of JSON that show whether it is nested
BRIGHTEST = 255


class TensorError(ImgclsError, ValueError):
    """Data that does not fit its tensor; the message is for people."""


def files(data: msgspec.Raw | memoryview, count: int) -> list[bytes]:
    """Return the elements of a BYTES tensor: in JSON each is in base64, in binary as it is.

    Raises:
        TensorError: there are not `count` of them, or one is not base64.
        msgspec.MsgspecError: the JSON is no list of texts.
    """
    if isinstance(data, memoryview):
        found: list[bytes] | list[str] = list(_elements(data))
    else:
        found = msgspec.json.decode(data, type=list[str])
    if len(found) != count:
        raise TensorError(f"the shape says {count:,} elements, the data has {len(found):,}.")
    return [_decoded(one) if isinstance(one, str) else one for one in found]


def pixels(data: msgspec.Raw | memoryview, shape: Sequence[int]) -> Floats:
    """Return an FP32 tensor of pixels, which in JSON may be flat or nested.

    Raises:
        TensorError: there are more or fewer than `shape` says, or one is not from 0 to 255.
        msgspec.MsgspecError: the JSON is no list of numbers.
    """
    if isinstance(data, memoryview):
        _require(len(data) // FP32.itemsize, shape, len(data) % FP32.itemsize)
        found: Floats = np.frombuffer(data, FP32).reshape(shape)
    else:
        found = _numbers(data, shape)
    # A comparison with what is no number is false.
    if not bool(((found >= 0) & (found <= BRIGHTEST)).all()):
        raise TensorError(f"pixels are numbers from 0 to {BRIGHTEST}; one here is not.")
    return found


def binary(datatype: str, values: Sequence[object]) -> bytes:
    """Return the values of a tensor as binary data; those of BYTES are texts."""
    if datatype in DTYPES:
        return np.asarray(values, DTYPES[datatype]).tobytes()
    texts = [str(value).encode() for value in values]
    return b"".join(len(text).to_bytes(LENGTH, "little") + text for text in texts)


def _elements(data: memoryview) -> Iterator[bytes]:
    place = 0
    while place < len(data):
        begin = place + LENGTH
        place = begin + int.from_bytes(data[place:begin], "little")
        if place > len(data):
            raise TensorError("the data ends within an element.")
        yield bytes(data[begin:place])


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise TensorError("an element is not base64, as BYTES are written in JSON.") from None


def _numbers(data: msgspec.Raw, shape: Sequence[int]) -> Floats:
    nested = bytes(memoryview(data)[:BEGINNING]).replace(b" ", b"").startswith(b"[[")
    numbers = msgspec.json.decode(
        data, type=list[list[list[list[float]]]] if nested else list[float]
    )
    try:
        found = np.array(numbers, FP32)
    except ValueError:
        raise TensorError("its rows are not of one length.") from None
    _require(found.size, shape)
    if nested and found.shape != tuple(shape):
        raise TensorError(f"the shape says {list(shape)}, the data has {list(found.shape)}.")
    return found.reshape(shape)


def _require(count: int, shape: Sequence[int], left_over: int = 0) -> None:
    if count != math.prod(shape) or left_over:
        raise TensorError(f"the shape {list(shape)} and the data do not have the same size.")
