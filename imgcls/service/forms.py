"""Files of a form (multipart/form-data) as they arrive, in memory alone."""

from collections.abc import AsyncGenerator

from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request

from imgcls.data import archives, uploads
from imgcls.errors import ImageError
from imgcls.service.limits import MAX_FORM

FORM = "multipart/form-data"


class _Parser(MultiPartParser):
    spool_max_size = MAX_FORM + 1  # else larger files are written to the disk
    ended = False

    def on_end(self) -> None:
        self.ended = True


async def files(
    request: Request, body: AsyncGenerator[bytes, None]
) -> list[tuple[str, bytes | ImageError]]:
    """Return the name and the content of each file of a form, or what is wrong with it.

    Args:
        request: with the form.
        body: its parts, see `imgcls.service.limits.body`.

    Raises:
        HTTPException: it is no form, it is damaged, or there are no files or too many in it.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(415, f"Send the files as a form: Content-Type: {FORM}.")
    parser = _Parser(
        request.headers, body, max_files=uploads.MAX_PICTURES, max_fields=uploads.MAX_PICTURES
    )
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise HTTPException(400, f"This form cannot be read: {error.message}") from None
    if not parser.ended:  # of a file that is cut off, nothing is in the form
        raise HTTPException(400, "This form cannot be read: it has no end.")
    found = []
    for _, field in form.multi_items():
        if not isinstance(field, str):
            content = archives.checked(await field.read(), uploads.MAX_BYTES)
            found.append((field.filename or "", content))
    await form.close()
    if not found:
        raise HTTPException(400, "This form holds no file: curl -F file=@photo.jpg sends one.")
    return found
