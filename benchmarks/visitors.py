"""What visitors cost the server, in time of its processor.

    python -m benchmarks.visitors [VISITORS]

Each visitor speaks with the server as Streamlit's program in the browser does, over a websocket:
arrives, opens each page in turn, and drops a photo. All of them take a step before any takes the
next, one after the other or all at once. They fetch the pictures that they are shown; the program
itself, which a browser keeps, they do not.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
from pathlib import Path
from statistics import median
from urllib.parse import urljoin
from urllib.request import Request, urlopen

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Subprotocol

from imgcls._utils.formatting import plural
from imgcls.data.bundled import sample_photos
from imgcls.runs.provenance import machine
from tests.support.http import FORM, form
from tests.support.repository import ROOT
from tests.support.server import Served, serving

VISITORS = 20
ANSWERING = "predict"  # the page that answers for photos
SECONDS = 120  # for one step, should all come at once
COMMAND = (sys.executable, "-m", "imgcls", "app", "--port", "{port}")
VARIABLES = {
    "STREAMLIT_SERVER_HEADLESS": "true",
    "STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION": "false",  # without a token files can be sent too
    "IMGCLS_WARM": "off",
}
Step = Callable[["Visitor"], Awaitable[None]]


class Visitor:
    """One who speaks with the server, as long as the connection is open.

    Attributes:
        pages: those that the menu has shown: path in the address -> key.
        scripts: how many times the server has run the page's script for this visitor.
    """

    def __init__(self, socket: ClientConnection, address: str) -> None:
        self._socket = socket
        self._address = address
        self._session = ""
        self._page = ""
        self._uploader = ""
        self._pictures: list[str] = []
        self.pages: dict[str, str] = {}
        self.scripts = 0

    async def arrive(self) -> None:
        """Open the address without a path."""
        await self._run()

    async def open(self, page: str) -> None:
        """Choose a page in the menu."""
        self._page = self.pages[page]
        await self._run()

    async def drop(self, name: str, content: bytes) -> None:
        """Drop a photo on the page's field for files, and wait for the answer."""
        asked = BackMsg()
        asked.file_urls_request.request_id = name
        asked.file_urls_request.session_id = self._session
        asked.file_urls_request.file_names.append(name)
        await self._socket.send(asked.SerializeToString())
        while not (said := await self._receive()).HasField("file_urls_response"):
            pass
        (urls,) = said.file_urls_response.file_urls
        await asyncio.to_thread(self._put, urls.upload_url, name, content)
        dropped = WidgetState(id=self._uploader)
        dropped.file_uploader_state_value.uploaded_file_info.add(
            name=name, size=len(content), file_id=urls.file_id, file_urls=urls
        )
        await self._run(dropped)

    async def _run(self, *widgets: WidgetState) -> None:
        """Have the page drawn, and fetch its pictures."""
        asked = BackMsg()
        asked.rerun_script.page_script_hash = self._page
        asked.rerun_script.widget_states.widgets.extend(widgets)
        self._pictures.clear()
        await self._socket.send(asked.SerializeToString())
        while not _is_drawn(said := await self._receive()):
            self._note(said)
        await asyncio.to_thread(self._fetch_pictures)

    async def _receive(self) -> ForwardMsg:
        received = await asyncio.wait_for(self._socket.recv(decode=False), SECONDS)
        said = ForwardMsg()
        said.ParseFromString(received)
        return said

    def _note(self, said: ForwardMsg) -> None:
        match said.WhichOneof("type"):
            case "new_session":
                self.scripts += 1
                self._session = said.new_session.initialize.session_id
            case "navigation":
                pages = said.navigation.app_pages
                self.pages = {page.url_pathname: page.page_script_hash for page in pages}
                self._page = said.navigation.page_script_hash
            case "delta":
                element = said.delta.new_element
                if element.HasField("file_uploader"):
                    self._uploader = element.file_uploader.id
                if element.HasField("exception"):
                    raise AssertionError(element.exception.message)
                self._pictures += [picture.url for picture in element.imgs.imgs]

    def _put(self, url: str, name: str, content: bytes) -> None:
        request = Request(urljoin(self._address, url), form((name, content)), FORM, method="PUT")
        urlopen(request, timeout=SECONDS).close()

    def _fetch_pictures(self) -> None:
        for url in self._pictures:
            if url.startswith("/"):  # else it holds the picture
                with urlopen(self._address + url, timeout=SECONDS) as picture:
                    picture.read()


def _is_drawn(said: ForwardMsg) -> bool:
    over = said.WhichOneof("type") == "script_finished"
    if over and said.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
        raise AssertionError("a page's script cannot be read")
    return over and said.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


@asynccontextmanager
async def visitors(server: Served, number: int) -> AsyncIterator[list[Visitor]]:
    """Connect so many."""
    address = server.address.replace("http", "ws") + "/_stcore/stream"
    async with AsyncExitStack() as opened:
        yield [
            Visitor(
                await opened.enter_async_context(
                    connect(address, subprotocols=[Subprotocol("streamlit")], max_size=None)
                ),
                server.address,
            )
            for _ in range(number)
        ]


def _steps(pages: Iterable[str]) -> Iterator[tuple[str, Step]]:
    """Yield what a visitor does, after having arrived, and what it is called."""
    for name in sorted(pages, key=lambda name: name == ANSWERING):  # that page comes last
        yield name or "overview", partial(Visitor.open, page=name)
    photo = sample_photos()["A flower"]
    dropping = partial(Visitor.drop, name="flower.jpg", content=photo)
    yield f"drop a photo on {ANSWERING}", dropping


async def _measure(server: Served, number: int, together: bool) -> None:
    process = psutil.Process(server.pid)
    async with visitors(server, number) as all_of_them:

        async def measure(name: str, step: Step) -> None:
            before, scripts = process.cpu_times(), sum(each.scripts for each in all_of_them)
            waited = await _take(step, all_of_them, together)
            after = process.cpu_times()
            used = after.user + after.system - before.user - before.system
            runs = sum(each.scripts for each in all_of_them) - scripts
            figures = (used / number * 1000, median(waited) * 1000)
            cells = (name, *(f"{figure:.0f}" for figure in figures), f"{runs / number:.3g}")
            print(f"| {' | '.join(cells)} |", flush=True)

        await measure("arrive", Visitor.arrive)
        for name, step in _steps(all_of_them[0].pages):
            await measure(name, step)


async def _take(step: Step, all_of_them: Sequence[Visitor], together: bool) -> list[float]:
    """Let each take a step, and return how many seconds each waited."""

    async def one(visitor: Visitor) -> float:
        began = time.monotonic()
        await step(visitor)
        return time.monotonic() - began

    if together:
        return await asyncio.gather(*map(one, all_of_them))
    return [await one(visitor) for visitor in all_of_them]


async def _warm_up(server: Served) -> None:
    """Let somebody be there before: what is loaded once for all is no visitor's cost."""
    async with visitors(server, 1) as (first,):
        await first.arrive()
        for _, step in _steps(first.pages):
            await step(first)


def main(number: int) -> None:
    """Print a table for visitors one after the other, and one for all at once."""
    on = machine()
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(COMMAND, ROOT, Path(folder, "log"), **VARIABLES) as server,
    ):
        asyncio.run(_warm_up(server))
        for together in (False, True):
            way = "at once" if together else "one after the other"
            print(f"\n{plural(number, 'visitor')} {way}; {on.processor}, {on.cores} cores\n")
            print("| step | processor, ms | waited, ms (median) | script runs |")
            print("| --- | ---: | ---: | ---: |")
            asyncio.run(_measure(server, number, together))
        used = psutil.Process(server.pid).memory_info().rss
        print(f"\nMemory of the server: {used / 1e6:.0f} MB")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else VISITORS)
