"""How much is kept of what people put together, and what they are told beyond that."""

from dataclasses import dataclass

from imgcls.errors import DatasetError


@dataclass(frozen=True)
class Limits:
    """How much may be kept.

    Attributes:
        classes: of one dataset.
        photos: of one dataset.
        bytes: of one dataset.
        all_bytes: of all datasets in the folder together.
    """

    classes: int = 100
    photos: int = 5_000
    bytes: int = 1_000_000_000
    all_bytes: int = 10_000_000_000


LIMITS = Limits()


class CollectionError(DatasetError):
    """A change that cannot be made; nothing was changed. The message is for people."""


def passed(limit: str) -> CollectionError:
    """Return the error for more than a limit, such as "5,000 photos"."""
    return CollectionError(
        f"That would be more than {limit}, the limit here. Nothing was added: drop fewer photos, "
        "or delete some first."
    )
