import pytest

from imgcls.config import ConfigError
from imgcls.presets import PRESETS
from imgcls.training.sweep import grid


def test_each_combination_once_the_last_setting_fastest() -> None:
    configs = grid(PRESETS["paper"], ["dropout=0.5", "fine_tune_at=54,100", "seed=1,2,3"])
    assert [(config.fine_tune_at, config.seed) for config in configs] == [
        (cut, seed) for cut in (54, 100) for seed in (1, 2, 3)
    ]
    assert {config.dropout for config in configs} == {0.5}
    assert grid(PRESETS["paper"], []) == [PRESETS["paper"]]


@pytest.mark.parametrize("setting", ["seed=1,x", "seed=1,", "sead=1,2", "seed", "dropout=0.1,2"])
def test_one_impossible_value_refuses_all(setting: str) -> None:
    with pytest.raises(ConfigError):
        grid(PRESETS["paper"], ["batch_size=8,16", setting])
