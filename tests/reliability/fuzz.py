"""Damaged files at random, for what reads files of strangers.

    python -m tests.reliability.fuzz [INPUTS [SEED]]

Pictures, archives, records of runs and requests to the service that are known from the tests are
damaged at random: bits flipped, parts cut out, doubled, put elsewhere or taken from another file.
Expected of each: an answer, or the error that people are told; nothing else is raised, and no
input takes longer than `SLOWEST`. What was found is kept among the pictures of the tests.
"""

import io
import os
import random
import sys
import tarfile
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from imgcls.data import tars, uploads
from imgcls.data.images import examine, prepare_pillow, read_rgb
from imgcls.errors import ImageError
from imgcls.runs.run import Run, RunError, load_run
from tests.support.http import ask, form
from tests.support.pictures import ALL, ARCHIVES
from tests.support.repository import ROOT
from tests.support.runs import RECORDS
from tests.support.service import serve
from tests.support.shipped import shipped

INPUTS, SEED = 100_000, 1
SLOWEST = 5.0  # seconds
LARGEST = 200_000  # bytes of what is damaged: many small inputs find more than few large ones
INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x7f\xff\xff\xff",
    b"\xff\xff\xff\xff",
    b"\x80",
    b"0",
    b"-1",
    b"1e999",
)


@dataclass
class Found:
    """What came of the inputs to one reader."""

    outcomes: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    problems: list[str] = field(default_factory=list)


def damaged(content: bytes, others: list[bytes], chance: random.Random) -> bytes:
    """Return `content` with one to eight faults."""
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 8))):
        place = chance.randrange(len(changed) + 1)
        length = min(chance.choice((1, 2, 4, 16, 256)), len(changed) - place)
        match chance.randrange(6):
            case 0 if place < len(changed):
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                changed[place : place + length] = chance.randbytes(length)
            case 2:
                del changed[place : place + length]
            case 3:
                changed[place:place] = changed[place : place + length]
            case 4:
                changed[place : place + 4] = chance.choice(INTERESTING)
            case _:
                other = chance.choice(others)
                begin = chance.randrange(len(other) + 1)
                changed[place : place + length] = other[begin : begin + 256]
    return bytes(
        changed[: chance.randrange(len(changed) + 1)] if chance.random() < 0.1 else changed
    )


def _read_picture(content: bytes) -> str:
    try:
        examine(content)
        assert read_rgb(content, 32).shape == (32, 32, 3)
    except ImageError:
        return "refused"
    return "read"


def _outcome(members: Iterable[bytes | ImageError]) -> str:
    found = {"refused" if isinstance(member, ImageError) else "read" for member in members}
    return " and ".join(sorted(found)) or "empty"


def _read_archive(content: bytes) -> str:
    return _outcome(member for _, member in uploads.pictures("a.zip", content))


def _tar_reader(folder: Path) -> Callable[[bytes], str]:
    path = folder / "a.tar"

    def read(content: bytes) -> str:
        path.write_bytes(content)
        return _outcome(member() for _, member in tars.members("a.tar", path, 10_000_000))

    return read


def _record_reader(folder: Path) -> Callable[[bytes], str]:
    def read(content: bytes) -> str:
        (folder / "run.json").write_bytes(content)
        try:
            run = load_run(folder)
        except RunError:
            return "refused"
        # What every page asks of every run.
        assert isinstance(run, Run)
        assert run.title
        assert run.class_titles is not None
        assert len(run.history) >= 0
        assert isinstance(run.status, str)
        return "read"

    return read


def _asker(address: str) -> Callable[[bytes], str]:
    def read(content: bytes) -> str:
        answer = ask(f"{address}/predict", form(("a.jpg", content)))
        assert answer.status < 500, answer.body
        return str(answer.status)

    return read


def _try(
    inputs: int, read: Callable[[bytes], str], known: list[bytes], chance: random.Random
) -> Found:
    found = Found()
    for _ in range(inputs):
        content = damaged(chance.choice(known), known, chance)
        began = time.monotonic()
        try:
            found.outcomes[read(content)] += 1
        except Exception as error:  # noqa: BLE001  whatever it is, that it came is what is looked for
            path = Path(tempfile.gettempdir(), f"fuzz-{len(found.problems)}-{os.getpid()}")
            path.write_bytes(content)
            found.problems.append(f"{type(error).__name__}: {error} ({path})")
        found.slowest = max(found.slowest, time.monotonic() - began)
    return found


def _tar_of(pictures: list[bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for number, picture in enumerate(pictures):
            entry = tarfile.TarInfo(f"{number}.jpg")
            entry.size = len(picture)
            archive.addfile(entry, io.BytesIO(picture))
    return content.getvalue()


def main(inputs: int, seed: int) -> None:
    """Print what came of the inputs; the exit status says whether it was all as expected."""
    prepare_pillow()
    chance = random.Random(seed)
    made = [kind.make() for kind in ALL.values()]
    pictures = [content for content in made if 0 < len(content) < LARGEST]
    archives = [content for kind in ARCHIVES.values() if len(content := kind.make()) < LARGEST]
    records = [path.read_bytes() for path in RECORDS.glob("*.json")]
    records += [path.read_bytes() for path in (ROOT / "models").glob("*/run.json")]
    wrong = False
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        (place / "run").mkdir()
        tar = _tar_of(pictures[:5])
        for server in serve(shipped("paper on digits"), place):
            readers: dict[str, tuple[float, Callable[[bytes], str], list[bytes]]] = {
                "pictures": (0.6, _read_picture, pictures),
                "zips": (0.15, _read_archive, archives),
                "tars": (0.05, _tar_reader(place), [tar]),
                "records of runs": (0.15, _record_reader(place / "run"), records),
                "requests": (0.05, _asker(server.address), pictures),
            }
            print(f"{inputs:,} inputs, seed {seed}")
            for name, (share, read, known) in readers.items():
                found = _try(round(inputs * share), read, known, chance)
                told = ", ".join(
                    f"{times:,} {what}" for what, times in found.outcomes.most_common()
                )
                print(f"{name}: {told}; the slowest took {found.slowest:.2f} s", flush=True)
                wrong = wrong or bool(found.problems) or found.slowest > SLOWEST
                for problem in found.problems:
                    print(f"  {problem}")
    sys.exit(wrong)


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]]
    main(*[*given, *(INPUTS, SEED)[len(given) :]])
