"""How much a request may send, enforced while it is read, so that nothing larger is ever kept."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

from imgcls.data import uploads
from imgcls.service.workers import BusyError

MAX_FORM = uploads.MAX_ARCHIVE_BYTES  # of several files, as on the page
MAX_TENSORS = uploads.MAX_BYTES
MAX_TOGETHER = 3 * MAX_FORM  # of the bodies of all requests that are being answered
IDLE = 20.0  # seconds in which something more of a body must come
LINGER = 2.0  # seconds in which what is refused may still be sent

Take = Callable[[int], None]


class Memory:
    """What the bodies of all requests take together, at most `MAX_TOGETHER`."""

    def __init__(self) -> None:
        self._taken = 0

    @contextmanager
    def reserved(self) -> Iterator[Take]:
        """Yield a function that takes so many bytes until the end. It raises BusyError."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if self._taken + size > MAX_TOGETHER:
                raise BusyError("Too much is being sent at once; try again in a second.")
            self._taken += size
            taken += size

        try:
            yield take
        finally:
            self._taken -= taken


async def body(
    request: Request, parts: AsyncIterator[bytes], limit: int, take: Take
) -> AsyncGenerator[bytes, None]:
    """Yield the body of a request as it arrives.

    Args:
        request: what stands before the body.
        parts: of the body.
        limit: bytes that are accepted.
        take: is told the size of each part before it is yielded.

    Raises:
        HTTPException: it is larger, compressed, or does not arrive.
        BusyError: by `take`.
    """
    if request.headers.get("content-encoding", "identity") != "identity":
        raise HTTPException(415, "The body is compressed; send it as it is.")
    too_large = HTTPException(413, f"Too much was sent: at most {limit / 1e6:.0f} MB are accepted.")
    if int(request.headers.get("content-length", 0)) > limit:
        raise too_large  # before anything is read; not all senders say how much it will be
    received = 0
    while part := await _next(parts):
        received += len(part)
        if received > limit:
            raise too_large
        take(len(part))
        yield part


async def discard(request: Request, parts: AsyncIterator[bytes]) -> None:
    """Let what is still being sent of a body pass by for a moment.

    Many clients look at an answer only when they have sent everything.
    """
    if "expect" in request.headers:  # this one asks before it sends
        return
    with suppress(TimeoutError, ClientDisconnect):
        async with asyncio.timeout(LINGER):
            async for _ in parts:
                pass


async def _next(parts: AsyncIterator[bytes]) -> bytes:
    try:
        async with asyncio.timeout(IDLE):
            return await anext(parts, b"")
    except TimeoutError:
        raise HTTPException(408, f"Nothing came for {IDLE:.0f} seconds.") from None
