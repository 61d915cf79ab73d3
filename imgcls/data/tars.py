"""Pictures in a tar, packed or not, of any length: it is read once from beginning to end."""

import lzma
import tarfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from imgcls._utils.system_files import is_system_file
from imgcls.data.archives import Read, checked, too_large
from imgcls.data.decoding.kinds import is_picture
from imgcls.errors import ImageError

SUFFIXES = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
DAMAGED = (tarfile.TarError, zlib.error, lzma.LZMAError, EOFError)
WHAT_IS_WRONG = "this archive is damaged or incomplete."


def is_tar(path: Path) -> bool:
    """Return whether a file is called as tars are."""
    return path.name.lower().endswith(SUFFIXES)


def members(name: str, path: Path, limit: int) -> Iterator[tuple[str, Read]]:
    """Yield the name of each picture in a tar, and a function that reads it, before the next one.

    Args:
        name: of the tar.
        path: the tar.
        limit: bytes of one picture that are accepted.

    What is wrong with the tar is yielded under its own name, as in `imgcls.data.archives.members`.
    """
    found = False
    try:
        with tarfile.open(path) as archive:
            while (member := archive.next()) is not None:
                # Else it remembers all of them; Python 3.13 has `stream=True` for this.
                archive.members.clear()  # type: ignore[attr-defined]
                if _is_picture(member):
                    found = True
                    yield f"{name}/{member.name}", partial(_read, archive, member, limit)
    except DAMAGED:
        yield name, partial(ImageError, WHAT_IS_WRONG)
    except OSError as error:
        # What is packed badly has no number.
        reason = f"the file cannot be read ({error.strerror})." if error.errno else WHAT_IS_WRONG
        yield name, partial(ImageError, reason)
    else:
        if not found:
            yield name, partial(ImageError, "this archive holds no pictures.")


def _is_picture(member: tarfile.TarInfo) -> bool:
    # By its name alone: to look inside, a packed tar would have to go back and begin again.
    parts = PurePosixPath(member.name).parts
    return member.isreg() and is_picture(member.name, b"") and not any(map(is_system_file, parts))


def _read(archive: tarfile.TarFile, member: tarfile.TarInfo, limit: int) -> bytes | ImageError:
    if member.size > limit:
        return too_large(member.size, limit)
    try:
        file = archive.extractfile(member)
        assert file is not None  # it is a regular one
        return checked(file.read(), limit)
    except (*DAMAGED, OSError):
        return ImageError("this part of the archive is damaged.")
