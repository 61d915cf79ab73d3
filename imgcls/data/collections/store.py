"""The folder of datasets that people put together: make, list, copy, delete; and whose they are.

On a server for visitors a dataset belongs to whoever holds its token, which is part of a link. The
token itself is not kept: the folder is called after its SHA-256, so that reading the disk or the
list of folders opens nothing. There, datasets expire.
"""

import json
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from imgcls._utils.files import write_json
from imgcls.data.collections.collection import RECORD, STAGING, Collection
from imgcls.data.collections.drops import DropError, class_name, same_name
from imgcls.data.collections.limits import LIMITS, CollectionError, Limits

DAYS_KEPT = 7  # a visitor's dataset, after the last change
HOURS_COLLECTING = 2  # a phone's link to add photos
VISITOR = "visitor-"
SCHEMA = 1


@dataclass(frozen=True)
class CollectionRecord:
    """What is known of a dataset beside its photos.

    Attributes:
        title: its name for people.
        created: ISO timestamp, UTC.
        collecting: SHA-256 of the token of the link by which a phone adds photos.
        collecting_until: ISO timestamp after which that link no longer works.
        schema: of this record.
    """

    title: str
    created: str
    collecting: str | None = None
    collecting_until: str | None = None
    schema: int = SCHEMA


def new_token() -> str:
    """Return a token that nobody can guess: 128 random bits."""
    return secrets.token_urlsafe(16)


def create(
    above: Path, title: str, *, token: str | None = None, limits: Limits = LIMITS
) -> Collection:
    """Make an empty dataset.

    Args:
        above: the folder of datasets, see `imgcls.paths.collections_dir`.
        title: its name for people.
        token: of the visitor it belongs to; None where everything belongs to everybody.
        limits: how much it may hold.

    Raises:
        CollectionError: there is one of this title, or a folder of this name.
    """
    title = _title(title)
    if token is None:
        _require_new(above, title)
        folder = above / title
    else:
        folder = above / _folder_of(token)
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise CollectionError(
            f"There is something called “{title}” in {above} already: choose another name."
        ) from None
    write(folder, CollectionRecord(title, datetime.now(UTC).isoformat(timespec="seconds")))
    return Collection(folder, limits)


def list_all(above: Path) -> list[Collection]:
    """Return the datasets that belong to everybody, by title."""
    found = [each for each in _all(above) if not each.root.name.startswith(VISITOR)]
    return sorted(found, key=lambda each: read(each).title.casefold())


def open_by_token(above: Path, token: str, limits: Limits = LIMITS) -> Collection:
    """Return the dataset of whoever holds a token. Raises CollectionError."""
    return _open(above / _folder_of(token), limits)


def open_by_name(above: Path, folder: str, limits: Limits = LIMITS) -> Collection:
    """Return a dataset that belongs to everybody. Raises CollectionError."""
    known = {each.root.name for each in _all(above)}
    if folder not in known or folder.startswith(VISITOR):
        raise CollectionError("There is no dataset of this name: it was deleted, or never was.")
    return _open(above / folder, limits)


def open_collecting(above: Path, token: str, limits: Limits = LIMITS) -> Collection:
    """Return the dataset that a phone's link adds photos to. Raises CollectionError."""
    wanted = _hashed(token)
    now = datetime.now(UTC)
    for each in _all(above):
        record = read(each)
        if record.collecting is not None and secrets.compare_digest(record.collecting, wanted):
            if datetime.fromisoformat(str(record.collecting_until)) > now:
                return replace(each, limits=limits)
            break
    raise CollectionError(
        "This link has expired: show the code on the other screen again and scan it."
    )


def start_collecting(collection: Collection) -> str:
    """Return a token by which photos can be added for `HOURS_COLLECTING`; the last one ends."""
    token = new_token()
    until = datetime.now(UTC) + timedelta(hours=HOURS_COLLECTING)
    record = replace(
        read(collection),
        collecting=_hashed(token),
        collecting_until=until.isoformat(timespec="seconds"),
    )
    write(collection.root, record)
    return token


def rename(collection: Collection, title: str) -> None:
    """Give a dataset another title; its folder keeps its name, which runs remember.

    Raises:
        CollectionError: there is one of this title.
    """
    title = _title(title)
    if not collection.root.name.startswith(VISITOR):
        _require_new(collection.root.parent, title, but=collection)
    write(collection.root, replace(read(collection), title=title))


def copy(collection: Collection, title: str, *, token: str | None = None) -> Collection:
    """Return a copy of a dataset with all its photos. Raises CollectionError."""
    made = create(collection.root.parent, title, token=token, limits=collection.limits)
    try:
        made.require_room_for(collection)
        shutil.copytree(
            collection.root,
            made.root,
            symlinks=True,
            dirs_exist_ok=True,
            ignore=lambda _, names: [n for n in names if n == RECORD or n.startswith(STAGING)],
        )
    except (OSError, CollectionError) as error:
        shutil.rmtree(made.root, ignore_errors=True)
        raise CollectionError(f"The copy cannot be made: {error}") from error
    return made


def delete(collection: Collection) -> None:
    """Delete a dataset with all its photos; runs that were trained on it stay."""
    # Out of sight first: nobody opens a dataset that is half gone.
    gone = collection.root.with_name(f".deleted-{secrets.token_hex(8)}")
    try:
        collection.root.rename(gone)
    except FileNotFoundError:
        return
    shutil.rmtree(gone, ignore_errors=True)


def remove_expired(above: Path, now: datetime | None = None) -> int:
    """Delete visitors' datasets that nobody has changed for `DAYS_KEPT`; return how many."""
    before = (now or datetime.now(UTC)) - timedelta(days=DAYS_KEPT)
    old = [
        each
        for each in _all(above)
        if each.root.name.startswith(VISITOR) and changed(each) < before
    ]
    for each in old:
        delete(each)
    return len(old)


def changed(collection: Collection) -> datetime:
    """Return when a class, a photo or the title was last changed, UTC."""
    folders = [collection.root, *(path for path in collection.root.rglob("*") if path.is_dir())]
    times = [path.stat().st_mtime for path in [*folders, collection.root / RECORD]]
    return datetime.fromtimestamp(max(times), UTC)


def read(collection: Collection) -> CollectionRecord:
    """Return what is known of a dataset; a damaged record is one that only says the folder."""
    try:
        return CollectionRecord(**json.loads((collection.root / RECORD).read_text()))
    except (OSError, ValueError, TypeError):
        created = datetime.fromtimestamp(0, UTC).isoformat()
        return CollectionRecord(collection.root.name, created)


def write(root: Path, record: CollectionRecord) -> None:
    """Keep the record. Raises OSError."""
    write_json(root / RECORD, asdict(record))


def _all(above: Path) -> Iterator[Collection]:
    for path in sorted(above.glob(f"*/{RECORD}")):
        if not path.parent.name.startswith(".") and not path.parent.is_symlink():
            yield Collection(path.parent)


def _open(root: Path, limits: Limits) -> Collection:
    if not (root / RECORD).is_file():
        raise CollectionError("There is no dataset at this link: it was deleted, or has expired.")
    return Collection(root, limits)


def _require_new(above: Path, title: str, but: Collection | None = None) -> None:
    for other in list_all(above):
        if other != but and same_name(read(other).title, title):
            raise CollectionError(f"There is a dataset “{read(other).title}” already.")


def _title(title: str) -> str:
    try:
        return class_name(title)
    except DropError as error:
        raise CollectionError(str(error)) from error


def _folder_of(token: str) -> str:
    return VISITOR + _hashed(token)[:32]


def _hashed(token: str) -> str:
    return sha256(token.encode()).hexdigest()
