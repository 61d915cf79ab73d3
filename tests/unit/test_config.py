import pytest

from imgcls.config import ConfigError, TrainConfig, with_settings
from imgcls.presets import ABOUT, PRESETS, is_ablation, preset


def test_paper_preset_is_the_paper() -> None:
    paper = preset("paper")
    assert [
        (phase.epochs, phase.learning_rate, phase.first_trainable) for phase in paper.phases
    ] == [
        (3, 1e-4, None),
        (3, 1e-5, 130),
    ]
    assert (paper.image_size, paper.batch_size, paper.activation) == (160, 32, "sigmoid")


@pytest.mark.parametrize("name", ["scratch", "scratch-residual"])
def test_a_network_from_scratch_has_one_phase_and_is_no_mistake(name: str) -> None:
    assert [phase.name for phase in PRESETS[name].phases] == ["from scratch"]
    assert not is_ablation(PRESETS[name])
    assert not is_ablation(with_settings(PRESETS[name], ["batch_norm=training"]))
    assert is_ablation(with_settings(PRESETS[name], ["label_noise=5"]))


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_json(name: str) -> None:
    assert TrainConfig(**PRESETS[name].to_dict()) == PRESETS[name]


def test_every_preset_says_what_it_is_for() -> None:
    assert list(ABOUT) == list(PRESETS)
    assert all(about.endswith(".") and len(about.split()) <= 20 for about in ABOUT.values())


def test_settings_take_the_type_of_the_value() -> None:
    config = with_settings(preset("paper"), ["dropout=0", "seed=7", "engine=plain"])
    assert (config.dropout, config.seed, config.engine) == (0.0, 7, "plain")


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ("epochs=3", ["'epochs=3'", "initial_epochs"]),
        ("seed", ["'seed'", "key=value"]),
        ("initial_epochs=0", ["initial_epochs", "received 0", "from 1 to 100"]),
        ("fine_tune_epochs=0", ["fine_tune_epochs", "received 0", "from 1 to 100"]),
        ("fine_tune_at=400", ["received 400", "from 0 to 153"]),
        ("fine_tune_at=154", ["received 154", "from 0 to 153"]),
        (
            "architecture=mobilenet_v3_large",
            ["received cached", "MobileNetV3 Large", "engine=plain"],
        ),
        ("fine_tune_at=8", ["received 8", "give 9 or more, or engine=plain"]),
        ("image_size=17", ["received 17", "a multiple of 32 from 32 to 320"]),
        ("image_size=ten", ["image_size", "'ten'", "a whole number"]),
        ("dropout=much", ["dropout", "'much'", "a number"]),
        ("dropout=nan", ["dropout", "nan", "from 0.0 to 0.9"]),
        ("activation=relu", ["'relu'", "sigmoid, softmax"]),
        ("architecture=small_cnn", ["fine_tune_epochs=0", "engine=plain"]),
    ],
)
def test_impossible_settings_are_refused_and_the_allowed_named(
    setting: str, named: list[str]
) -> None:
    with pytest.raises(ConfigError) as error:
        with_settings(preset("paper"), [setting])
    for part in named:
        assert part in str(error.value)


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(ConfigError, match="'best'; allowed: paper, hires, scratch"):
        preset("best")


def test_the_epochs_of_a_preset_follow_from_its_steps() -> None:
    config = TrainConfig(steps_per_phase=60, batch_size=32)
    for photos, epochs in {20: 60, 50: 30, 160: 12, 1000: 2, 9469: 1}.items():
        found = config.for_photos(photos)
        assert (found.initial_epochs, found.fine_tune_epochs) == (epochs, epochs)
        assert found.for_photos(photos) == found
    assert TrainConfig().for_photos(50) == TrainConfig()


def test_what_needs_cached_features_is_refused_to_the_plain_engine() -> None:
    for settings in ({"views": 2}, {"head_start": "logistic"}):
        with pytest.raises(ConfigError, match="engine=cached"):
            TrainConfig(engine="plain", **settings)


def test_what_a_pretrained_base_does_not_know_is_refused_to_it() -> None:
    for settings in ({"augmentation": "crops"}, {"schedule": "one-cycle"}, {"weight_decay": 0.1}):
        for engine in ("cached", "plain"):
            with pytest.raises(ConfigError, match=r"networks from scratch.*with MobileNetV2"):
                TrainConfig(engine=engine, **settings)
