"""Classes that training never sees, to measure how well a network knows what it does not know."""

from dataclasses import replace

from imgcls.datasets import Dataset, DatasetError

FEWEST = 2  # classes to learn


def divide(dataset: Dataset, left_out: int) -> tuple[Dataset, Dataset]:
    """Return the dataset without its last `left_out` classes, and the held-out photos of those.

    Raises:
        DatasetError: too few classes would be left.
    """
    kept = len(dataset.classes) - left_out
    if kept < FEWEST:
        raise DatasetError(
            f"left_out_classes: received {left_out}; {dataset.name} has {len(dataset.classes)} "
            f"classes, of which at least {FEWEST} must be left to learn."
        )
    table = dataset.table
    strange = table["label"] >= kept
    return (
        replace(
            dataset,
            classes=dataset.classes[:kept],
            table=table[~strange].reset_index(drop=True),
        ),
        replace(dataset, table=table[strange & (table["split"] != "train")].reset_index(drop=True)),
    )
