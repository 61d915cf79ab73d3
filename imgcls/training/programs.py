"""The LiteRT programs of a run: what answers, and what is left of the network after phase 1."""

from functools import partial
from typing import TYPE_CHECKING
from zipfile import BadZipFile

from imgcls._utils.files import replacing, write_bytes
from imgcls.config import TrainConfig
from imgcls.inference.head import Head
from imgcls.networks.build import above_the_cut, named_outputs
from imgcls.networks.convert import convert
from imgcls.networks.feature_info import first_convolution
from imgcls.networks.layers import cut_layer
from imgcls.networks.signature import FEATURE_MAPS, PHOTO, layer_outputs
from imgcls.runs import checksums
from imgcls.runs.files import MODEL, PHASE_1_HEAD, PHASE_1_MODEL, PHASE_1_PROGRAM, PROGRAM
from imgcls.runs.run import Run, RunError, update
from imgcls.training import kept_programs

if TYPE_CHECKING:
    import keras

FORMAT = 1  # raise it when the same base would give another program for phase 1


def save_program(run: Run, model: "keras.Model") -> None:
    """Write the program of the finished network, see `imgcls.networks.signature`.

    Raises OSError.
    """
    config = run.config
    outputs = named_outputs(model, layer_outputs(config), first_convolution(config))
    photo = (config.image_size, config.image_size, 3)
    write_bytes(run.file(PROGRAM), convert(outputs, PHOTO, photo))


def save_phase_one(run: Run, model: "keras.Model") -> None:
    """Write what phase 2 will change of the network: the base above the cut, and the head.

    The program takes what the run's finished program gives under the name of its input, and gives
    the base's last feature maps. Its weights are half as precise, which its answers do not show:
    see `tests/integration/inference/test_phase_one.py`. Phase 1 trains nothing of the base, so all
    runs with one size, cut and base weights have the same program.

    Raises:
        OSError: the run cannot be written.
    """
    base = run.record.base
    assert base is not None  # without pretrained weights there is one phase alone
    known = kept_programs.key(
        "above", FORMAT, base.sha256, run.config.image_size, cut_layer(run.config)
    )
    write_bytes(
        run.file(PHASE_1_PROGRAM),
        kept_programs.kept(known, partial(_export_base, run.config, model)).content,
    )
    save_head(run, model, PHASE_1_HEAD)


def _export_base(config: TrainConfig, model: "keras.Model") -> bytes:
    cut = cut_layer(config)
    if cut is None:  # nothing but the photo is shared
        whole, size = named_outputs(model), config.image_size
        return convert(
            lambda photo: {FEATURE_MAPS: whole(photo)[FEATURE_MAPS]}, PHOTO, (size, size, 3)
        )
    above = above_the_cut(model, cut)
    return convert(
        lambda features: {FEATURE_MAPS: above(features, training=False)},
        cut,
        above.input_shape[1:],
        half=True,
    )


def upgrade(run: Run) -> None:
    """Write anew the programs of a run that an earlier version has made, from its Keras models.

    Raises:
        RunError: it does not keep them, or they cannot be read.
        OSError: the run cannot be written.
    """
    known = run.record.checksums
    # Before anything is written: of both phases, or of none.
    model = _load(run, MODEL)
    phase_1 = _load(run, PHASE_1_MODEL) if len(run.config.phases) > 1 else None
    save_program(run, model)
    if phase_1 is not None:
        write_bytes(run.file(PHASE_1_PROGRAM), _export_base(run.config, phase_1))
        save_head(run, phase_1, PHASE_1_HEAD)
    written = (PROGRAM, PHASE_1_PROGRAM, PHASE_1_HEAD)
    lasting = {name: digest for name, digest in known.items() if name not in written}
    update(run, checksums={**checksums.of(run), **lasting})


def _load(run: Run, name: str) -> "keras.Model":
    import keras

    path = run.file(name)
    try:
        return keras.saving.load_model(run.checked(name), compile=False)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise RunError(
            f"{path} cannot be read ({error}). Train the run again: {run.record.command}"
        ) from error


def save_head(run: Run, model: "keras.Model", name: str) -> None:
    """Write the two dense layers as plain arrays. Raises OSError."""
    hidden, last = model.get_layer("dense"), model.layers[-1]
    with replacing(run.file(name)) as temporary:
        Head(*hidden.get_weights(), *last.get_weights()).save(temporary)
