"""The recipe of a run: every value, and what it does."""

import math
from dataclasses import MISSING, asdict, dataclass, fields, replace
from typing import Any

from imgcls import errors
from imgcls._utils.settings import check, setting
from imgcls.architectures.network import Network
from imgcls.architectures.registry import NETWORKS

ConfigError = errors.ConfigError

MAX_EPOCHS = 100


@dataclass(frozen=True)
class Phase:
    """One stretch of training with the same layers frozen.

    `first_trainable` is the index of the base's first layer that is trained; None freezes the
    whole base.
    """

    number: int
    name: str
    epochs: int
    learning_rate: float
    first_trainable: int | None


@dataclass(frozen=True)
class TrainConfig:
    """The recipe of one run. Raises ConfigError when a value is impossible.

    The defaults are the paper's; where the paper is silent, the reason stands beside the value.
    """

    architecture: str = setting(
        "mobilenet_v2",
        "The network: one pretrained on ImageNet, or a small one trained from scratch.",
        choices=tuple(NETWORKS),
    )
    # The networks halve the picture four or five times, so its side is a multiple of 2**5.
    image_size: int = setting(
        160,
        "Side of the square picture the network sees, in pixels.",
        at_least=32,
        at_most=320,
        multiple_of=32,
    )
    batch_size: int = setting(
        32,
        "Photos per training step: one step, one update of the weights.",
        at_least=1,
        at_most=512,
    )
    dense_units: int = setting(
        64, "Units of the hidden dense layer in the new head.", at_least=1, at_most=4096
    )
    # The paper does not give it; 0.2 is the rate of the TensorFlow tutorial it follows.
    dropout: float = setting(
        0.2, "Share of the hidden units switched off at each step.", at_least=0.0, at_most=0.9
    )
    # Sigmoid under a sparse categorical cross-entropy is the paper's choice. Keras trains both
    # alike, see `imgcls.inference.softmax.probabilities`.
    activation: str = setting(
        "sigmoid", "Activation of the last layer.", choices=("sigmoid", "softmax")
    )
    learning_rate: float = setting(1e-4, "Adam's step size in phase 1.", at_least=1e-8, at_most=1.0)
    initial_epochs: int = setting(
        3, "Passes over the training photos in phase 1.", at_least=1, at_most=MAX_EPOCHS
    )
    fine_tune_at: int = setting(
        130,
        "First of the base's layers that phase 2 trains; those below stay frozen.",
        at_least=0,
        at_most=max(network.base_layers for network in NETWORKS.values()) - 1,
    )
    # A tenth of phase 1's rate: with 1e-4 the validation loss overshoots (0.116 against 0.059).
    fine_tune_learning_rate: float = setting(
        1e-5, "Adam's step size in phase 2.", at_least=1e-8, at_most=1.0
    )
    fine_tune_epochs: int = setting(
        3, "Passes over the training photos in phase 2.", at_least=0, at_most=MAX_EPOCHS
    )
    seed: int = setting(
        1,
        "Start of every random choice: first weights, order of photos, dropout.",
        at_least=0,
        at_most=2**31 - 1,
    )
    # Keras's fit lets them follow the batch, see `imgcls.training.engines.keras.InferenceBase`.
    # That is the first ablation: the training accuracy falls when phase 2 begins.
    batch_norm: str = setting(
        "inference",
        "Mean and spread that unfrozen BatchNormalization layers use in phase 2: 'inference' keeps "
        "ImageNet's, 'training' takes the batch's and lets the remembered ones follow.",
        choices=("inference", "training"),
    )
    label_noise: int = setting(
        0,
        "Training photos that get a wrong label, in percent: to see what this does.",
        at_least=0,
        at_most=90,
    )
    left_out_classes: int = setting(
        0,
        "Classes that training never sees, the last ones of the dataset: to see what the network "
        "makes of what it does not know.",
        at_least=0,
        at_most=100,
    )
    # A preset for 50 photos as well as for 5,000 cannot say how many epochs there are.
    steps_per_phase: int = setting(
        0,
        "Updates of the weights that each phase makes at least; the epochs follow from the number "
        "of training photos. 0 takes the epochs as they are given.",
        at_least=0,
        at_most=10_000,
    )
    views: int = setting(
        1,
        "Views of each training photo, taken in turn: the first is the photo as it is, each other "
        "one is cut out differently and every second one mirrored.",
        at_least=1,
        at_most=8,
    )
    augmentation: str = setting(
        "none",
        "What a network from scratch sees of a training photo: 'none' is its centre square, "
        "'crops' another part of that in each epoch, half of them mirrored.",
        choices=("none", "crops"),
    )
    schedule: str = setting(
        "constant",
        "The learning rate of a network from scratch: 'constant', or 'one-cycle', which rises to "
        "the given rate in the first quarter of the training and falls to nothing until its end.",
        choices=("constant", "one-cycle"),
    )
    weight_decay: float = setting(
        0.0,
        "How strongly a network from scratch is held small: the share of each weight that a step "
        "takes away, as a multiple of the learning rate.",
        at_least=0.0,
        at_most=1.0,
    )
    head_start: str = setting(
        "random",
        "What the new head begins with: 'random' weights, or those of a 'logistic' regression on "
        "the frozen features, which a few photos are enough for.",
        choices=("random", "logistic"),
    )
    class_weights: str = setting(
        "none",
        "What a photo counts: 'none' counts all alike, 'balanced' makes all classes count alike.",
        choices=("none", "balanced"),
    )
    engine: str = setting(
        "cached",
        "How: 'cached' computes the frozen layers once per photo, 'plain' is Keras's fit "
        "through the whole network.",
        choices=("cached", "plain"),
    )

    def __post_init__(self) -> None:
        for known in fields(self):
            limits = dict(known.metadata)
            if known.name == "fine_tune_at" and self.network.pretrained is not None:
                limits["at_most"] = self.network.base_layers - 1
            check(known.name, getattr(self, known.name), limits)
        self._check_network()
        if self.engine == "plain" and (self.views, self.head_start) != (1, "random"):
            raise ConfigError(
                f"views and head_start need features that are computed once: received views="
                f"{self.views}, head_start={self.head_start} with engine=plain; give engine=cached."
            )

    def _check_network(self) -> None:
        network = self.network
        if network.pretrained is None:
            if (self.fine_tune_epochs, self.engine) != (0, "plain"):
                raise ConfigError(
                    f"{self.architecture} has one phase and nothing frozen to cache: received "
                    f"fine_tune_epochs={self.fine_tune_epochs}, engine={self.engine}; "
                    "give fine_tune_epochs=0 and engine=plain."
                )
            return
        if (self.augmentation, self.schedule, self.weight_decay) != ("none", "constant", 0):
            raise ConfigError(
                "augmentation, schedule and weight_decay are for networks from scratch: received "
                f"{self.augmentation}, {self.schedule} and {self.weight_decay} with "
                f"{network.title}; give none, constant and 0."
            )
        if self.fine_tune_epochs < 1:
            raise ConfigError(
                f"fine_tune_epochs: received {self.fine_tune_epochs}; "
                f"{network.title} is trained in two phases: give a whole number from 1 to 100."
            )
        if self.engine == "cached" and not network.cached:
            raise ConfigError(
                f"engine: received cached, which does not know the layers of {network.title}: "
                "give engine=plain."
            )
        if self.engine == "cached" and self.fine_tune_at < network.first_cut:
            raise ConfigError(
                f"fine_tune_at: received {self.fine_tune_at}; the cached engine needs the first "
                f"bottleneck frozen: give {network.first_cut} or more, or engine=plain."
            )

    def steps_per_epoch(self, training: int) -> int:
        """Return how many updates of the weights one pass over so many training photos makes."""
        return math.ceil(training / self.batch_size)

    def for_photos(self, training: int) -> "TrainConfig":
        """Return the recipe with the epochs that `steps_per_phase` asks for.

        Args:
            training: number of training photos.
        """
        if not self.steps_per_phase:
            return self
        epochs = math.ceil(self.steps_per_phase / self.steps_per_epoch(training))
        epochs = min(max(epochs, 1), MAX_EPOCHS)
        return replace(
            self,
            initial_epochs=epochs,
            fine_tune_epochs=epochs if self.fine_tune_epochs else 0,
        )

    @property
    def network(self) -> Network:
        """What is known of its architecture."""
        return NETWORKS[self.architecture]

    @property
    def phases(self) -> tuple[Phase, ...]:
        """The two phases of transfer learning, or the single one of a network from scratch."""
        if self.network.pretrained is None:
            return (Phase(1, "from scratch", self.initial_epochs, self.learning_rate, 0),)
        return (
            Phase(1, "frozen base", self.initial_epochs, self.learning_rate, None),
            Phase(
                2,
                "fine-tuning",
                self.fine_tune_epochs,
                self.fine_tune_learning_rate,
                self.fine_tune_at,
            ),
        )

    def experiment(self) -> dict[str, Any]:
        """Return the settings that make this another experiment than the defaults would.

        The engine is none of them: it decides how fast the same figures come.
        """
        defaults = {known.name: known.default for known in fields(self)}
        return {
            # 1 and 1.0 are the same rate.
            name: float(value) if isinstance(defaults[name], float) else value
            for name, value in self.to_dict().items()
            if name != "engine" and value != defaults[name]
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the values as plain JSON types."""
        return asdict(self)


def setting_title(name: str) -> str:
    """Return what people read for the name of a setting: "Fine tune at"."""
    return name.replace("_", " ").capitalize()


def with_settings(config: TrainConfig, settings: list[str]) -> TrainConfig:
    """Return `config` with ``key=value`` strings applied.

    Raises ConfigError for an unknown key, a value of the wrong type or one out of range.
    """
    known = {each.name: each for each in fields(TrainConfig)}
    changes: dict[str, Any] = {}
    for text in settings:
        key, equals, value = text.partition("=")
        if not equals or key not in known:
            raise ConfigError(
                f"setting: received {text!r}; allowed: key=value with a key of {', '.join(known)}."
            )
        default = known[key].default
        assert default is not MISSING
        try:
            changes[key] = type(default)(value)
        except ValueError:
            kind = {int: "a whole number", float: "a number"}[type(default)]
            raise ConfigError(f"{key}: received {value!r}; allowed: {kind}.") from None
    return replace(config, **changes)
