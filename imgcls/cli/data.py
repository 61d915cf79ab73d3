"""The verb `data`: look at a dataset, or download Imagenette."""

from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from imgcls.cli.arguments import (
    DATA_FOLDER,
    Verbs,
    add_data,
    add_json,
    add_verb,
    dataset_at,
    show_help,
)
from imgcls.cli.output import answer, table
from imgcls.cli.progress import bar
from imgcls.errors import DatasetError
from imgcls.paths import data_dir, models_dir

if TYPE_CHECKING:
    from imgcls.data.dataset import Dataset
    from imgcls.evaluation.own_photos.split_leaks import SplitLeaks


def add(verbs: Verbs) -> None:
    """Add the verb and its actions."""
    group = verbs.add_parser("data", help="look at a dataset, or download Imagenette")
    group.set_defaults(run=show_help(group))
    actions = group.add_subparsers(title="actions", metavar="ACTION")
    for name, run, help in (
        ("status", status, "whether there is a dataset, and where"),
        ("inspect", inspect, "classes, counts, sizes, bad files"),
    ):
        action = add_verb(actions, name, run, help)
        add_data(action)
        add_json(action)
        if run is inspect:
            action.add_argument(
                "--near-duplicates",
                action="store_true",
                help="look for held-out photos that are nearly the same as a training photo",
            )
    fetch = add_verb(actions, "download", download, "fetch Imagenette and unpack it")
    fetch.add_argument("--data", type=Path, metavar="DIR", help=DATA_FOLDER)
    fetch.add_argument(
        "--size", choices=("160", "320"), default="160", help="shorter side of the photos, pixels"
    )
    add_json(fetch)


def status(options: Namespace) -> bool:
    """Say whether the dataset is there; the exit status says it too."""
    try:
        dataset = dataset_at(options.data)
    except DatasetError as error:
        answer(options, {"found": False, "reason": str(error)}, str(error))
        return False
    counts = {split: sum(of.values()) for split, of in dataset.counts().items()}
    found = {
        "found": True,
        "name": dataset.name,
        "root": str(dataset.root),
        "counts": counts,
        "unreadable": len(dataset.unreadable),
        "fingerprint": dataset.fingerprint,
    }
    photos = ", ".join(f"{count:,} {split}" for split, count in counts.items())
    answer(options, found, f"{dataset.name} in {dataset.root}: {photos} photos")
    return True


def inspect(options: Namespace) -> bool:
    """Print the manifest's summary."""
    from imgcls.data.classes import PAPER_NAMES_NOTE
    from imgcls.data.inspection import inspect_dataset

    dataset = dataset_at(options.data)
    found = inspect_dataset(dataset)
    names = {"folder": "folder"}
    if any(entry["paper_name"] for entry in found["classes"]):
        names |= {"imagenet_name": "ImageNet", "paper_name": "paper"}
    lines = [f"{found['name']} in {found['root']}", ""]
    lines += table(
        [*names.values(), "train", "validation", "test"],
        [
            [entry[name] or "" for name in names]
            + [f"{count:,}" for count in entry["counts"].values()]
            for entry in found["classes"]
        ],
    )
    lines += ["", PAPER_NAMES_NOTE] if len(names) > 1 else []
    sizes = [f"{side} {of['min']}-{of['max']}" for side, of in found["sizes"].items()]
    lines += ["", f"Sizes in pixels: {', '.join(sizes)}."]
    lines += [f"Unreadable, left out: {row['file']}: {row['error']}" for row in found["unreadable"]]
    lines += [f"Mind: {remark['text']}" for remark in found["remarks"]]
    if options.near_duplicates:
        leaks = _near_duplicates(dataset)
        found["near_duplicates"] = {"pairs": leaks.pairs, "held_out": leaks.held_out}
        lines += [
            f"Nearly the same as a training photo: {len(leaks.photos):,} of "
            f"{leaks.held_out:,} held-out photos.",
            *(f"  {held_out} ~ {learned}" for learned, held_out in leaks.pairs),
        ]
    answer(options, found, "\n".join(lines))
    return True


def _near_duplicates(dataset: "Dataset") -> "SplitLeaks":
    from imgcls.evaluation.own_photos.split_leaks import near_duplicates_across_splits
    from imgcls.inference.photo_facts import PhotoExaminer

    with bar(" photos") as show:
        return near_duplicates_across_splits(
            dataset,
            PhotoExaminer(models_dir()),
            lambda done, total: show(done, total, "examining"),
        )


def download(options: Namespace) -> bool:
    """Fetch Imagenette."""
    from imgcls.data import download as imagenette

    target = options.data or data_dir()
    with bar("B") as show:
        folder = imagenette.download(
            target,
            imagenette.ARCHIVES[options.size],
            lambda phase, done, total: show(done, total, phase),
        )
    answer(options, {"root": str(folder)}, f"Imagenette is in {folder}.")
    return True
