"""The recipes that have a name, and what people read of each."""

from imgcls.config import ConfigError, TrainConfig

# Classic mistakes, each of them the preset `paper` with one thing done wrong.
ABLATIONS: dict[str, tuple[TrainConfig, str]] = {
    "batch-norm": (
        TrainConfig(batch_norm="training"),
        "BatchNormalization left in training mode in phase 2, as Keras's fit does by itself",
    ),
    "rate-x10": (
        TrainConfig(fine_tune_learning_rate=1e-4),
        "the learning rate of phase 2 ten times too high",
    ),
    "noise-5": (TrainConfig(label_noise=5), "5 % of the training photos with a wrong label"),
    "noise-50": (TrainConfig(label_noise=50), "half of the training photos with a wrong label"),
}
PRESETS: dict[str, TrainConfig] = {
    "paper": TrainConfig(),
    # Keras's default size for this network: more pixels, more accuracy, about twice the time.
    "hires": TrainConfig(image_size=224),
    # Ten times the rate and more epochs than the pretrained network gets: every weight starts
    # from noise, and 1e-4 for 6 epochs would show only that it had no time to learn.
    "scratch": TrainConfig(
        architecture="small_cnn",
        learning_rate=1e-3,
        initial_epochs=10,
        fine_tune_epochs=0,
        engine="plain",
    ),
    # As many minutes as `scratch` takes, spent otherwise: smaller photos, and more epochs.
    "scratch-residual": TrainConfig(
        architecture="small_resnet",
        image_size=128,
        batch_size=64,
        learning_rate=3e-3,
        initial_epochs=14,
        fine_tune_epochs=0,
        augmentation="crops",
        schedule="one-cycle",
        weight_decay=0.2,
        engine="plain",
    ),
    # For 5 to 50 photos a class, see docs/small-data.md. With so few, the paper's head begins too
    # far from a good one, and its phase 2 moves more weights than so few photos can steer.
    "small-data": TrainConfig(
        image_size=224,
        dropout=0.0,
        fine_tune_at=151,
        steps_per_phase=60,
        views=4,
        head_start="logistic",
    ),
    # What `hires` makes of photos of classes it does not know: three of the ten are left out.
    "leave-out": TrainConfig(image_size=224, left_out_classes=3),
    **{name: config for name, (config, _) in ABLATIONS.items()},
}

# What people read of each before they choose one.
ABOUT: dict[str, str] = {
    "paper": "The paper's two phases at 160 px: first a new head, then the last layers with it.",
    "hires": "The same at 224 px: more pixels, more accuracy, about twice the time.",
    "scratch": "A small CNN with no pretrained base: a first try, ten epochs from noise.",
    "scratch-residual": "A fair try from noise: residual blocks, another crop in each epoch.",
    "small-data": "For 5 to 50 photos a class: each photo in four views, and small steps.",
    "leave-out": "Three classes are left out, to see what it makes of things it never saw.",
    **{name: f"A mistake: {what}." for name, (_, what) in ABLATIONS.items()},
}


def preset_title(name: str) -> str:
    """Return what people read for the name of a preset: "Small data"."""
    return name.replace("-", " ").capitalize()


def preset(name: str) -> TrainConfig:
    """Return the preset called `name`. Raises ConfigError for an unknown name."""
    try:
        return PRESETS[name]
    except KeyError:
        raise ConfigError(f"preset: received {name!r}; allowed: {', '.join(PRESETS)}.") from None


def is_ablation(config: TrainConfig) -> bool:
    """Return whether something is done wrong on purpose, at whatever size of the photos.

    A network from scratch has no statistics to keep and no phase 2: nothing of that is wrong.
    """
    if config.network.pretrained is None:
        return config.label_noise > 0
    wrong = [mistake.experiment().items() for mistake, _ in ABLATIONS.values()]
    own = config.experiment().items()
    return config.label_noise > 0 or any(mistake <= own for mistake in wrong)
