"""Every sentence of the README that states a figure is listed here with what proves it."""

import re
from collections.abc import Callable

from docs import speed
from imgcls.architectures.registry import NETWORKS
from imgcls.evaluation.predictions import accuracy_by_origin
from imgcls.evaluation.sweeps import over_seeds
from imgcls.lesson import seeds
from imgcls.presets import PRESETS
from imgcls.runs.run import Run
from tests.support.claims import sentences
from tests.support.repository import ROOT
from tests.support.shipped import SHIPPED, shipped

TEXT = re.sub(r"^```.*?^```$", "", (ROOT / "README.md").read_text(), flags=re.DOTALL | re.MULTILINE)
SENTENCES = sentences(TEXT)


def row(preset: str) -> str:
    run = shipped(preset)
    test = run.test
    low, high = test.interval
    last = run.record.history[-1]
    return (
        f"| {last.val_accuracy:.3f} | {test.accuracy:.3f} ({low:.3f} to {high:.3f}) | "
        f"{test.loss:.3f} |"
    )


def photos(run: Run) -> str:
    data = run.record.data
    held_out = data.count("validation") + data.count("test")
    return f"({data.count('train'):,} training and {held_out:,} validation photos of ten classes)"


def boundary() -> str:
    (base,) = NETWORKS["mobilenet_v2"].build(96)
    return f"layers from {PRESETS['paper'].fine_tune_at} of {len(base.layers)} unfrozen"


def spread(preset: str, split: str) -> str:
    table = over_seeds(seeds.measured().rename(columns={"preset": "setting"}))
    found = table.set_index("setting").loc[preset]
    return f"{found[f'{split}_mean']:.3f} ± {found[f'{split}_sd']:.3f}"


def seen_before() -> str:
    found = accuracy_by_origin(shipped("paper").predictions())
    assert found is not None
    seen, unseen = found
    return f"{seen.n / (seen.n + unseen.n):.1%} of the validation photos".replace("%", " %")


def megabytes() -> str:
    size = sum(path.stat().st_size for run in SHIPPED for path in run.path.iterdir())
    return f"they are {size / 1e6:.0f} MB"


TABLE = ("paper", "hires", "scratch", "scratch-residual")
# Computed anew, and expected in the sentence.
COMPUTED: tuple[Callable[[], str], ...] = (
    lambda: photos(shipped("paper")),
    boundary,
    *(lambda preset=preset: row(preset) for preset in TABLE),
    *(
        lambda preset=preset, split=split: spread(preset, split)
        for preset in ("paper", "hires")
        for split in ("val", "test")
    ),
    seen_before,
    megabytes,
    lambda: speed.in_short(speed.read()),
)
# What measures the others, or where else they come from.
MEASURED = {
    "With Python 3.11 or newer": "pyproject.toml",
    "(some minutes and 3 GB the first time, under three seconds after that)": (
        "tests/repository/first_start.py"
    ),
    "(100 MB; a broken download goes on where it stopped)": "imgcls/data/download.py",
    "These have seed 1, of five the best one": "tests/unit/lesson/test_seeds.py",
    "what 8 bits cost": "docs/exports.md",
}
# Figures of the report, years, names and legends.
GIVEN = (
    *('"Task 2.', "Sandler et al. 2018", "Kingma and Ba 2015", "Russakovsky et al."),
    *("Howard 2019", "the confusion matrix of 768 test photos", "| preset | validation accuracy"),
    "after phase 1 and after phase 2]",
)


def test_each_is_what_it_is_computed_to_be() -> None:
    for compute in COMPUTED:
        claim = compute()
        assert any(claim in sentence for sentence in SENTENCES), claim


def test_no_other_sentence_states_a_figure() -> None:
    known = [*(compute() for compute in COMPUTED), *MEASURED, *GIVEN]
    others = [
        sentence
        for sentence in SENTENCES
        if re.search(r"\d", sentence) and not any(claim in sentence for claim in known)
    ]
    assert not others


def test_what_measures_them_exists() -> None:
    for claim, place in MEASURED.items():
        assert (ROOT / place).is_file()
        assert any(claim in sentence for sentence in SENTENCES), claim


def test_the_tables_of_speed_are_those_that_were_measured() -> None:
    for path in (speed.README, speed.SPEED):
        assert path.read_text(encoding="utf-8") == speed.written(path, speed.read())
