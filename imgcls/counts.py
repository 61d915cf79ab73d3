"""How many photos a dataset has, by class and split, as a table."""

import pandas as pd

from imgcls.classes import BY_WORDNET_ID, display_name


def class_table(counts: dict[str, dict[str, int]]) -> pd.DataFrame:
    """Return one row a class: its names and its photos in each split.

    Args:
        counts: split -> class folder -> photos, as of `imgcls.datasets.Dataset.counts` and in the
            records of runs.

    Returns:
        The columns `class` (the name used here) and, where they are known, `folder` (the WordNet
        id) and `ImageNet`, then one a split.
    """
    table = pd.DataFrame(counts).rename_axis("folder").reset_index()
    table.insert(0, "class", table["folder"].map(display_name))
    if table["folder"].isin(list(BY_WORDNET_ID)).any():
        names = {folder: known.imagenet_name for folder, known in BY_WORDNET_ID.items()}
        table.insert(2, "ImageNet", table["folder"].map(names))
        return table
    return table.drop(columns="folder")
