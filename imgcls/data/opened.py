"""Datasets that stay opened, and are read again when something in their folders has changed."""

import time
from dataclasses import dataclass, replace
from pathlib import Path

from imgcls._utils.arrays import Progress
from imgcls.data.dataset import Dataset, open_dataset
from imgcls.data.layout import FileStates, file_states, find_layout
from imgcls.paths import DIGITS

# To look at each file takes 5 ms for a thousand: of many it is done less often.
PHOTOS_AT_ONCE = 2_000
SECONDS_BETWEEN_LOOKS = 30.0


@dataclass(frozen=True, eq=False)
class _Opened:
    dataset: Dataset
    folders: tuple[int, ...]
    looked: float


class OpenedDatasets:
    """Opened datasets by their location; only the newest state of each is kept."""

    def __init__(self) -> None:
        self._opened: dict[str, _Opened] = {}

    def get(self, location: Path | str, *, progress: Progress | None = None) -> Dataset:
        """Return a dataset as its folder is now, or as it was half a minute ago if it is large.

        Photos that are new or gone are noticed at once.

        Args:
            location: as of `imgcls.data.dataset.open_dataset`.
            progress: called with the files read so far and the files to read, if any are.

        Raises:
            DatasetError: there is no such folder, or it is not a dataset (any more).
        """
        kept = self._opened.get(str(location))
        if kept is not None and location == DIGITS:  # nobody's to change
            return kept.dataset
        now = time.monotonic()
        folders = _folder_times(Path(location))
        if kept is not None and kept.folders == folders:
            few = len(kept.dataset.files) <= PHOTOS_AT_ONCE
            if not few and now - kept.looked < SECONDS_BETWEEN_LOOKS:
                return kept.dataset
            # Others who come meanwhile need not look too.
            self._opened[str(location)] = replace(kept, looked=now)
            if _file_states(Path(location)) == kept.dataset.files:
                return kept.dataset
            self._opened[str(location)] = kept
        dataset = open_dataset(location, progress=progress)
        self._opened[str(location)] = _Opened(dataset, folders, now)
        return dataset


def _folder_times(root: Path) -> tuple[int, ...]:
    """Return times that change when a photo is added to a class folder or removed from it."""
    folders = [root, *root.glob("*/"), *root.glob("*/*/")]
    return tuple(folder.stat().st_mtime_ns for folder in folders if folder.is_dir())


def _file_states(folder: Path) -> FileStates:
    return file_states(find_layout(folder.expanduser().resolve()))
