"""The ten Imagenette classes under their three names.

Sources: the WordNet ids and ImageNet names are those of fastai/imagenette; the short names are
the list the paper prints.
"""

from dataclasses import dataclass

import pandas as pd

from imgcls._utils.names import titles

PAPER_NAMES_NOTE = (
    'The paper\'s list of names has "truck" twice and leaves out the tenth class; '
    'it is called "parachute" here.'
)


@dataclass(frozen=True)
class ImageNetClass:
    """One class: its folder in Imagenette, its name in ImageNet and its name in the paper."""

    wordnet_id: str
    imagenet_name: str
    paper_name: str


IMAGENETTE: tuple[ImageNetClass, ...] = (
    ImageNetClass("n01440764", "tench", "fish"),
    ImageNetClass("n02102040", "English springer", "dog"),
    ImageNetClass("n02979186", "cassette player", "radio"),
    ImageNetClass("n03000684", "chain saw", "chainsaw"),
    ImageNetClass("n03028079", "church", "church"),
    ImageNetClass("n03394916", "French horn", "french_horn"),
    ImageNetClass("n03417042", "garbage truck", "truck"),
    ImageNetClass("n03425413", "gas pump", "petrol_station"),
    ImageNetClass("n03445777", "golf ball", "golf_ball"),
    ImageNetClass("n03888257", "parachute", "parachute"),
)
BY_WORDNET_ID: dict[str, ImageNetClass] = {known.wordnet_id: known for known in IMAGENETTE}


def display_name(folder: str) -> str:
    """Return the paper's name of a WordNet id; any other class is called what its folder is.

    What people read is made of it by `imgcls._utils.names.titles`.
    """
    known = BY_WORDNET_ID.get(folder)
    return known.paper_name if known else folder


def class_table(counts: dict[str, dict[str, int]]) -> pd.DataFrame:
    """Return one row a class: its names and its photos in each split.

    Args:
        counts: split -> class folder -> photos, as of
            `imgcls.data.dataset.Dataset.counts` and in the records of runs.

    Returns:
        The columns `class` (what people read), one a split, `ImageNet` where its name is known, and
        `folder` where that is something else.
    """
    table = pd.DataFrame(counts).rename_axis("folder").reset_index()
    folders = table.pop("folder")
    table.insert(0, "class", titles([display_name(folder) for folder in folders]))
    if folders.isin(list(BY_WORDNET_ID)).any():
        names = {folder: known.imagenet_name for folder, known in BY_WORDNET_ID.items()}
        table["ImageNet"] = folders.map(names)
    return table if table["class"].equals(folders) else table.assign(folder=folders)
