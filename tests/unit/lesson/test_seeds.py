import numpy as np
import pandas as pd
import pytest
from scipy import stats

from imgcls.evaluation.sweeps import over_seeds
from imgcls.lesson import seeds
from tests.support.shipped import shipped


@pytest.mark.parametrize("preset", ["paper", "hires"])
def test_the_shipped_run_is_one_of_them_and_its_place_among_them_is_told(preset: str) -> None:
    table = seeds.measured()
    rows = table[table["preset"] == preset]
    assert rows["seed"].tolist() == [1, 2, 3, 4, 5]
    run = shipped(preset)
    (row,) = rows[rows["seed"] == run.config.seed].itertuples()
    assert row.val_accuracy == pytest.approx(run.history["val_accuracy"].iloc[-1], abs=1e-5)
    assert row.val_loss == pytest.approx(run.history["val_loss"].iloc[-1], abs=1e-5)
    assert row.test_accuracy == pytest.approx(run.test.accuracy, abs=1e-5)
    answered = run.predictions()
    assert (answered["label"] == answered["predicted"]).sum() == row.right
    # As the page and docs/results.md say.
    assert row.val_accuracy == rows["val_accuracy"].max()


def test_a_difference_has_the_interval_of_welch() -> None:
    table = seeds.measured().set_index("preset")["val_accuracy"]
    first, second = table["hires"], table["paper"]
    found = seeds.difference(first, second)
    assert found.could_be_chance, "as the lesson says of all five"
    variances = first.var() / 5, second.var() / 5
    freedom = sum(variances) ** 2 / sum(each**2 / 4 for each in variances)
    half = stats.t.ppf(0.975, freedom) * sum(variances) ** 0.5
    assert (found.low, found.high) == pytest.approx((found.mean - half, found.mean + half))
    apart = seeds.difference(first + 0.1, second)
    assert not apart.could_be_chance


def test_a_single_seed_has_no_interval() -> None:
    table = seeds.measured().set_index("preset")["val_accuracy"]
    found = seeds.difference(table["hires"][:1], table["paper"][:1])
    assert np.isnan(found.low)
    assert found.could_be_chance


def test_pairs_have_the_interval_of_student() -> None:
    random = np.random.default_rng(0)
    first = pd.Series(random.normal(0.9, 0.05, 10))
    second = first - random.normal(0.01, 0.002, 10)
    found = seeds.paired_difference(first, second)
    theirs = stats.ttest_rel(first, second).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high))
    assert not found.could_be_chance
    assert seeds.difference(first, second).could_be_chance, "what both share hides it"
    assert seeds.paired_difference(first[:1], second[:1]).could_be_chance, "no interval"


def test_the_summary_is_that_of_the_document() -> None:
    found = over_seeds(seeds.measured().rename(columns={"preset": "setting"}))
    assert found["runs"].tolist() == [5, 5]
    rows = found.set_index("setting").iterrows()
    told = {name: f"{row.val_mean:.4f} {row.val_sd:.4f}" for name, row in rows}
    assert told == {"hires": "0.9826 0.0016", "paper": "0.9806 0.0022"}
