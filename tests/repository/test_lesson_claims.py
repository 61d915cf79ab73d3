"""Every sentence of the lesson that states a figure or a law is listed here with what proves it.

What a page fills in is computed when it is shown, and so is no claim of the text.
"""

import math
import re
from collections.abc import Callable
from functools import cache

import numpy as np
from sklearn.datasets import load_digits

from imgcls.data import ood
from imgcls.data.bundled import sample_photos
from imgcls.data.images import read_rgb
from imgcls.evaluation import baselines, photo_map
from imgcls.evaluation.own_photos.cross_validation import FEWEST, SHARES
from imgcls.inference.feature_cache import MAX_BYTES
from imgcls.inference.head import Head
from imgcls.lesson import batch_size, bits, convolution, head, last_layer, optimizers, small_data
from imgcls.lesson.small_data import learning_curves
from imgcls.networks.layers import network_layers
from imgcls.paths import DIGITS
from imgcls.presets import PRESETS
from imgcls.runs.files import HEAD
from pages.learn import breaking, choices, limits
from tests.support.claims import sentences, texts
from tests.support.repository import ROOT
from tests.support.shipped import shipped

MODULES = [*ROOT.glob("pages/learn/*.py"), *ROOT.glob("imgcls/lesson/*.py")]
PLAN = sentences((ROOT / "docs" / "lesson-plan.md").read_text())
SENTENCES = [
    *(sentence for path in MODULES for text in texts(path) for sentence in sentences(text)),
    *PLAN,
]
FIGURE = re.compile(
    r"\d|\b(two|three|four|five|six|seven|eight|nine|ten|twice|half|halves|halve|quarter|hundred"
    r"|thousand|million|a minute|root|always|never|identically|cancels)\b",
    re.IGNORECASE,
)
# Figures that are names, places in a book or in a text, and the numbers of a list.
NAMES = re.compile(
    r"\bphases? [12]\b|MobileNetV2|ReLU6|Keras 3|95 % intervals?|\b(19|20)\d\d\b|section [\d.]+"
    r"|\{\w+\}|^\d\.(?=\s|$)|(?<=[.!?] )\d\.$",
    re.IGNORECASE,
)
WORDS = {2: "two", 3: "three", 4: "four", 5: "five", 9: "nine", 10: "ten"}
PAPER, HIRES = PRESETS["paper"], PRESETS["hires"]
LAYERS = {layer.name: layer for layer in network_layers(PAPER)}


def smaller_steps() -> str:
    first, second = (phase.learning_rate for phase in PAPER.phases)
    return f"in steps {WORDS[round(first / second)]} times smaller"


def moves() -> str:
    """Conv1 and the expanding block's depthwise convolution halve what they get."""
    assert LAYERS["Conv1"].output_shape[0] == PAPER.image_size / 2
    step = LAYERS["block_3_expand"].output_shape[0] / LAYERS["block_3_depthwise"].output_shape[0]
    return f"{WORDS[int(step)]} pixels at a time"


def one_kernel_a_map() -> str:
    layer = LAYERS["block_3_depthwise"]
    side = math.isqrt(layer.params // layer.output_shape[-1])
    return f"A {side} x {side} convolution that treats each map on its own, with one kernel a map"


def mixture() -> str:
    inputs, outputs = (LAYERS[name].output_shape[-1] for name in ("block_2_add", "block_3_expand"))
    side = math.isqrt(LAYERS["block_3_expand"].params // (inputs * outputs))
    return f"A {side} x {side} convolution"


def first_kernel() -> str:
    weights = LAYERS["Conv1"].params // LAYERS["Conv1"].output_shape[-1]
    return f"It has {weights} numbers, {WORDS[weights // 3]} a colour"


def dense_layers() -> str:
    dense = [layer for layer in LAYERS.values() if layer.type == "Dense"]
    return f"{WORDS[len(dense)].capitalize()} **dense** layers turn the list into an answer"


def pools() -> str:
    table = PRESETS["scratch"].network.table(160)
    before = [layer.output_shape[0] for layer in table if layer.type == "Conv2D"]
    after = [layer.output_shape[0] for layer in table if layer.type == "MaxPooling2D"]
    (factor,) = {one // other for one, other in zip(before, after, strict=True)}
    return f"The small CNN pools with {factor} x {factor} and stride {factor}"


def one_layer_for_two() -> str:
    """A matrix stands for two of them, unless something bends what is between."""
    random = np.random.default_rng(0)
    shapes = ((2, 5), (5, 4), (4, 3))
    photo, first, second = (random.normal(size=shape).astype(np.float32) for shape in shapes)
    np.testing.assert_allclose(photo @ first @ second, photo @ (first @ second), rtol=1e-4)
    assert not np.allclose(convolution.relu(photo @ first) @ second, photo @ (first @ second))
    return "Without such a bend between them, two layers could always be replaced by one."


def cut_off() -> str:
    (most,) = convolution.relu6(np.array([100], np.float32))
    return f"cuts off above {most:g}"


def shared_out() -> str:
    table = last_layer.compare([2, 1, -3])
    each = last_layer.compare([-50, 50])[last_layer.SIGMOID]
    assert (each.min(), each.max()) == (each[0], each[1])
    assert np.allclose([each[0], each[1]], [0, 1])
    return f"so that all classes together make {table[last_layer.SOFTMAX].sum():.0f}"


def no_loss() -> str:
    assert last_layer.cross_entropy([1e-300], 0) > 600, "it grows without a limit"
    return f"{abs(last_layer.cross_entropy([1.0], 0)):.0f} when that is 1"


def valley() -> str:
    """The gradient is that of this loss, by a small step to both sides."""
    best, at, step = optimizers.MINIMUM, 0.5, 1e-6
    low, high = (2.0 * (at + side - best) ** 2 / 2 for side in (-step, step))
    assert math.isclose(optimizers.valley(2.0)(at), (high - low) / (2 * step), rel_tol=1e-6)
    return f"the loss *scale* times (weight - {best:g})² / 2"


def adams_steps() -> str:
    for scale in (0.01, 100):
        path = optimizers.adam(optimizers.valley(scale), choices.START, 0.1, 1)
        assert math.isclose(abs(path[1] - path[0]), 0.1, rel_tol=1e-4)
    return "Their scale cancels, and a step is about as long as the learning rate says"


def signed_bits() -> str:
    most = bits.values(8) // 2
    return f"with 8 bits from -{most} to {most}"


def floats() -> str:
    kernel = Head.load(shipped("paper").file(HEAD)).kernel
    return f"A weight has {kernel.itemsize * 8} bits"


def range_of_photo() -> str:
    pixels = read_rgb(sample_photos()["A flower"], 32).astype(np.float32) / 127.5 - 1
    assert pixels.shape[-1] == 3
    assert np.abs(pixels).max() <= 1
    low, high = (each / 127.5 - 1 for each in (0, 255))
    return f"three a pixel: how red, green and blue it is, from {low:g} (none) to {high:g} (all)"


def enlarged() -> str:
    """Within 3 x 3 pixels of an enlarged digit the values differ by little of their range."""
    picture = np.asarray(next(iter(ood.pictures(DIGITS, limits.SIDE))))[..., 0]
    windows = convolution.windows(picture.astype(np.float32), 3)
    differences = windows.max(axis=(2, 3)) - windows.min(axis=(2, 3))
    assert np.median(differences) < 0.05 * np.ptp(picture)
    return "the 3 x 3 kernels of the first convolution see nearly the same value nine times"


def digits() -> str:
    height, width = load_digits().images[0].shape
    return f"handwriting, {height} x {width} pixels"


def fewest_to_judge() -> str:
    assert [*SHARES] == [0.25, 0.5, 1]
    return (
        f"from {WORDS[FEWEST]} a class on there is such a curve of your own, with a quarter, half"
    )


def papers_epochs() -> str:
    first, second = (phase.epochs for phase in HIRES.phases)
    return f"The paper's recipe makes {first} + {second} epochs"


def sizes() -> str:
    return f"Is *hires* ({HIRES.image_size} px) better than *paper* ({PAPER.image_size} px)"


def flattened() -> str:
    counts = {
        before: sum(layer.params for layer in layers)
        for before, layers in head.heads(PAPER, PAPER.dense_units, 10).items()
    }
    assert 0.85 < counts[head.FLATTENED] / head.base_params(PAPER) < 1
    times = counts[head.FLATTENED] / counts[head.POOLED]
    return f"{times:.1f} times the parameters in the head, nearly as many as all below it."


def boundaries() -> str:
    reached = []
    for name in ("paper, layers from 54 on", "paper"):
        run = shipped(name)
        at, last = run.config.fine_tune_at, run.record.history[-1].val_accuracy
        reached.append((at, f"{last * 100:.1f}"))
    (low, accuracy), (high, same) = reached
    assert accuracy == same
    return f"Not measurably below {high}: {same} % from layer {low} on as from layer {high} on."


def cannot_be_told_apart() -> str:
    _, second, *_ = small_data.ranking(learning_curves(), 10)
    assert second.behind.could_be_chance
    return "With 10 photos a class the first two cannot be told apart: the interval holds 0."


def sure_and_wrong() -> str:
    found = shipped("paper").predictions()
    wrong = found[found["label"] != found["predicted"]]
    assert (np.stack(wrong["probabilities"].to_list()).max(axis=1) > breaking.WON).sum() > 10
    return f"Over {breaking.WON * 100:.0f} %."


def less_than_a_minute() -> str:
    assert shipped("paper on digits").record.timings.total < 60
    return "takes less than a minute"


def never_mirrored() -> str:
    assert PAPER.views == 1 < PRESETS["small-data"].views
    return "although this recipe never mirrored a photo"


# Computed anew, and expected in a sentence.
COMPUTED: tuple[Callable[[], str], ...] = (
    *(smaller_steps, moves, one_kernel_a_map, mixture, first_kernel, dense_layers, pools),
    *(one_layer_for_two, cut_off, shared_out, no_loss, valley, adams_steps, signed_bits, floats),
    *(
        range_of_photo,
        digits,
        enlarged,
        fewest_to_judge,
        papers_epochs,
        sizes,
        flattened,
        boundaries,
    ),
    *(cannot_be_told_apart, sure_and_wrong, less_than_a_minute, never_mirrored),
    lambda: f"the {WORDS[baselines.NEIGHBORS]} training pictures with the most similar pixels",
    lambda: f"the {LAYERS['out_relu'].output_shape[-1]:,} features of the frozen base",
    lambda: f"the {LAYERS['out_relu'].output_shape[-1]:,} that the head gets in phase 1",
    lambda: f"the mean of its {WORDS[photo_map.NEAREST]} nearest training photos",
    lambda: f"more than the cache may hold ({MAX_BYTES / 1e9:.0f} GB)",
    lambda: f"over {batch_size.DRAWS} batches",
    lambda: f"“Paper recipe, {PAPER.image_size} px”",
    lambda: f"move the boundary from {PAPER.network.base_layers - 1} down to 54",
)
# What proves the others: file::what stands in it.
PROVEN = {
    "An ordinary 3 x 3 convolution from … to … maps multiplies 9 x … x … times": (
        "tests/integration/lesson/test_bottleneck.py::test_one_of_the_paper_by_hand"
    ),
    "Depthwise and project together: 9 x … + … x …": (
        "tests/integration/lesson/test_bottleneck.py::test_one_of_the_paper_by_hand"
    ),
    "In Keras 3 both train identically": (
        "tests/integration/lesson/test_last_layer.py"
        "::test_keras_trains_a_sigmoid_with_the_softmax_and_not_with_the_shares"
    ),
    "divides the mean of the last gradients by the root of the mean of their squares": (
        "tests/integration/lesson/test_optimizers.py::test_the_path_is_that_of_keras"
    ),
    "it falls with the root of the batch size, so that four times the photos halve it": (
        "tests/integration/lesson/test_batch_size.py"
        "::test_the_noise_falls_with_the_root_of_the_batch_size"
    ),
    "The others are divided by the share that stays on, which keeps the mean on average.": (
        "tests/integration/lesson/test_dropout.py::test_the_share_that_is_off_and_the_mean_are_kept"
    ),
    "which units dropout sets to 0": (
        "tests/integration/lesson/test_dropout.py::test_it_is_keras_dropout"
    ),
    "have seed 1: of five the best one, in both recipes": (
        "tests/unit/lesson/test_seeds.py"
        "::test_the_shipped_run_is_one_of_them_and_its_place_among_them_is_told"
    ),
    "Sum of the nine products": (
        "tests/integration/lesson/test_convolution.py"
        "::test_each_number_is_the_sum_of_its_nine_products"
    ),
    "reach the score that 95 % of its own validation photos reach": (
        "tests/unit/evaluation/test_metrics.py::at_least_95_percent"
    ),
    "mean 0, spread 1": (
        "tests/integration/lesson/test_normalization.py::test_it_is_keras_batch_normalization"
    ),
    "so the programs that answer have the factor in the kernel": (
        "tests/integration/inference/test_layer_outputs.py"
        "::test_kernels_hold_the_scale_of_their_normalization"
    ),
    "*Frozen* layers are computed, but not changed.": (
        "tests/integration/training/test_train.py"
        "::test_frozen_layers_and_moving_statistics_stay_bit_equal"
    ),
    "SGD; Adam's steps stay about as long as the learning rate": (
        "tests/integration/lesson/test_optimizers.py"
        "::test_a_factor_in_the_gradient_changes_the_path_of_sgd_alone"
    ),
    "a plan for half an hour": (
        "tests/ui/learn/test_parts.py::test_the_minutes_are_those_of_the_plan"
    ),
}
# What others have found, definitions, and what stands on the page beside it.
GIVEN = (
    # ImageNet: 1,281,167 training photos (Russakovsky et al. 2015); Imagenette: ten of its classes.
    *("which met 1.3 million photos in its pretraining", "the 1.3 million photos of ImageNet"),
    *("Its ten classes do: they are classes of ImageNet", "which has these ten classes"),
    *("although the ten classes exclude each other", "ImageNet has these ten classes."),
    "The base has never needed handwriting.",
    # Decrees.
    *("an upside-down 6 is a 9", "here 3 x 3 pixels"),
    *("Kernel of 3 x 3 numbers", "3 x 3 pixels with three weights each, for red, green and blue"),
    *("3 x 3 pixels each", "height x width x 3 colours", "the sums of the three colours"),
    *("These are the nine for", "nine products", "two numbers a map", "all four numbers"),
    *("These two layers are the head", "the two dense layers"),
    *("squeezes each into 0 to 1", "with 32", "8 bits cost", "the first of these two numbers"),
    *("the rest of it with 32", "those that are on say … instead of 1", "units that all say 1"),
    *("trainings of two recipes", "One photo, three networks", "photo's two lists"),
    *("(1: the same direction)", "between two groups", "the three steps", "instead of these two"),
    *("an ordinary 3 x 3", "a quarter, half and all", "which halves the picture", "10 nearest"),
    *("The two differ", "they count from 0 to", "Layers of the network: 0 to", "units are 0"),
    *("Enlarged from 8 to", "A digit of 8 x 8 pixels", "became 0", "became 6", "some reach 6"),
    *("holds 0", "not hold 0"),
    # The plan: its minutes, what to try, and questions.
    *("| 0 |", "| 7 |", "| 14 |", "| 18 |", "| 22 |", "| 26 |", "| 30 |", "| 35 |", "| 39 |"),
    *("Half an hour on transfer learning", "More than half an hour?** Three parts more"),
    *("how far above six", "between the first two", "groups of two"),
    *("steepness at 100, then at 0.01", "strength from 0 to 100", "with 32 px"),
    *("Half an hour", "from 5 photos a class to the most"),
)


@cache
def known() -> list[str]:
    """Return all claims, the longest first: one may stand within another."""
    return sorted([*(compute() for compute in COMPUTED), *PROVEN, *GIVEN], key=len, reverse=True)


def test_each_is_in_the_lesson_and_as_it_is_computed_to_be() -> None:
    for claim in known():
        assert any(claim in sentence for sentence in SENTENCES), claim


def test_no_other_sentence_states_a_figure() -> None:
    others = []
    for sentence in SENTENCES:
        left = NAMES.sub(" ", sentence)
        for claim in known():
            left = left.replace(NAMES.sub(" ", claim), " ")
        if " " in sentence and FIGURE.search(left):
            others.append(sentence)
    assert not others


def test_what_proves_them_exists() -> None:
    for claim, proof in PROVEN.items():
        path, _, part = proof.partition("::")
        assert part in (ROOT / path).read_text(), claim
