"""The formats that a classifier leaves in: one entry each, for the command line and the page."""

import errno
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from imgcls.errors import ImgclsError
from imgcls.export import litert
from imgcls.export.classifier import Classifier
from imgcls.networks.signature import KEY, PHOTO

# What weights of 16 bits may change of a probability; and what with 8 bits another processor may.
COARSE = 0.05


class ExportError(ImgclsError):
    """A classifier that cannot be exported; the message is for people."""


@dataclass(frozen=True)
class Format:
    """A way in which other programs take a classifier.

    Attributes:
        name: as on the command line.
        title: for people.
        purpose: what it is good for, for people.
        model: file or folder of the model in the archive.
        runtime: the package that runs it, by its name on PyPI.
        write: writes a classifier's model to a path that is called `model`.
        ask: Python for verify.py: `load` returns the model, and `ask` its probabilities (1,
            classes) and score (1,) for pixels of shape (1, size, size, 3), 0-255.
        tolerance: by how much a probability may differ from what imgcls answers.
        library: Hugging Face's name of the runtime.
        quantized: whether its numbers have 8 bits: it must differ, and is measured instead.
        alone: whether it is given without what lies beside other models: it is for people who
            look at it, and tells them all.
    """

    name: str
    title: str
    purpose: str
    model: str
    runtime: str
    write: Callable[[Classifier, Path], None]
    ask: str
    tolerance: float = 1e-3
    library: str = "keras"
    quantized: bool = False
    alone: bool = False

    @property
    def suffix(self) -> str:
        """Of the file that people get."""
        return ".html" if self.model.endswith(".html") else ".zip"


def find(name: str) -> Format:
    """Return a format by its name. Raises ExportError."""
    if name not in FORMATS:
        raise ExportError(f"format: received {name!r}; allowed: {', '.join(FORMATS)}.")
    return FORMATS[name]


def _write_keras(classifier: Classifier, path: Path) -> None:
    classifier.model.save(path)
    litert.append_files(path, classifier.files)


def _write_savedmodel(classifier: Classifier, path: Path) -> None:
    import tensorflow as tf

    # Keras's own `export` keeps every weight twice, and takes five times as long.
    model = classifier.model
    photo = tf.TensorSpec((None, *model.input_shape[1:]), tf.float32, name=PHOTO)
    module = tf.Module()
    module.weights = [variable.value for variable in model.variables]
    module.serve = tf.function(lambda photo: model(photo, training=False), input_signature=[photo])
    try:
        tf.saved_model.save(module, path, signatures={KEY: module.serve})
    except tf.errors.ResourceExhaustedError as error:  # TensorFlow's own way to say it
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path)) from error
    extra = path / "assets.extra"  # TensorFlow's place for what it does not read itself
    extra.mkdir()
    for name, content in classifier.files.items():
        (extra / name).write_bytes(content)


def _write_onnx(classifier: Classifier, path: Path) -> None:
    import onnx

    from imgcls.export.onnx_graph import to_onnx

    texts = {name: content.decode() for name, content in classifier.files.items()}
    onnx.save(to_onnx(classifier.model, texts), path)


def _write_html(classifier: Classifier, path: Path) -> None:
    from imgcls.export.html import html

    path.write_bytes(html(classifier.run))


def _write_site(classifier: Classifier, path: Path) -> None:
    from imgcls.export.html import site

    path.mkdir()
    for name, content in site(classifier.run).items():
        (path / name).write_bytes(content)


_ASK_LITERT = """
def load():
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter(str(HERE / "model.tflite")).get_signature_runner()


def ask(model, photo):
    found = model(photo=photo)
    return found["probabilities"], found["score"]
"""
_ASK_KERAS = """
def load():
    import keras

    return keras.saving.load_model(HERE / "model.keras")


def ask(model, photo):
    found = model.predict_on_batch(photo)
    return found["probabilities"], found["score"]
"""
_ASK_SAVEDMODEL = """
def load():
    import tensorflow

    return tensorflow.saved_model.load(HERE / "model")


def ask(model, photo):
    found = model.serve(photo)
    return found["probabilities"].numpy(), found["score"].numpy()
"""
_ASK_ONNX = """
def load():
    import onnxruntime

    return onnxruntime.InferenceSession(HERE / "model.onnx")


def ask(model, photo):
    return model.run(["probabilities", "score"], {"photo": photo})
"""
# What the page's own program takes from it, and does with it.
_ASK_HTML = """
def load():
    import base64
    import gzip

    from ai_edge_litert.interpreter import Interpreter

    page = next(HERE.rglob("*.html")).read_text(encoding="utf-8")

    def part(name):
        return page.partition(f'<script id="{name}"')[2].partition(">")[2].partition("</script>")[0]

    def unpacked(name):
        return gzip.decompress(base64.b64decode(part(name)))

    facts = json.loads(part("facts"))
    program, halves = bytearray(unpacked("program")), np.frombuffer(unpacked("weights"), "<f2")
    for start, count in facts["weights"]:
        program[start : start + 4 * count] = halves[:count].astype("<f4").tobytes()
        halves = halves[count:]
    return facts, Interpreter(model_content=bytes(program)).get_signature_runner()


def ask(model, photo):
    facts, run = model
    logits = run(photo=photo)["logits"].astype(np.float64)
    powers = np.exp(logits / facts["temperature"])
    shares = powers / powers.sum(axis=1, keepdims=True)
    doubt = facts["doubt"]
    return (1 - doubt) * shares + doubt / shares.shape[1], np.log(np.exp(logits).sum(axis=1))
"""

FORMATS: dict[str, Format] = {
    format.name: format
    for format in (
        Format(
            name="html",
            title="HTML",
            purpose="one file that any browser opens, on a phone too, without a network",
            model="classifier.html",
            runtime="ai-edge-litert",
            write=_write_html,
            ask=_ASK_HTML,
            tolerance=COARSE,
            alone=True,
        ),
        Format(
            name="web",
            title="Web site",
            purpose="the same for a web server: once visited it opens without a network",
            model="site",
            runtime="ai-edge-litert",
            write=_write_site,
            ask=_ASK_HTML,
            tolerance=COARSE,
            alone=True,
        ),
        Format(
            name="keras",
            title="Keras",
            purpose="to train on, or to change, in Python",
            model="model.keras",
            runtime="tensorflow",
            write=_write_keras,
            ask=_ASK_KERAS,
        ),
        Format(
            name="savedmodel",
            title="SavedModel",
            purpose="for servers with TensorFlow",
            model="model",
            runtime="tensorflow",
            write=_write_savedmodel,
            ask=_ASK_SAVEDMODEL,
        ),
        Format(
            name="litert",
            title="LiteRT",
            purpose="for phones and small computers, exact",
            model="model.tflite",
            runtime="ai-edge-litert",
            write=litert.write,
            ask=_ASK_LITERT,
            library="tf-lite",
        ),
        Format(
            name="litert-float16",
            title="LiteRT, 16 bits",
            purpose="half the size, nearly the same answers",
            model="model.tflite",
            runtime="ai-edge-litert",
            write=litert.write_half,
            ask=_ASK_LITERT,
            tolerance=COARSE,
            library="tf-lite",
        ),
        Format(
            name="litert-int8",
            title="LiteRT, 8 bits",
            purpose="a third of the size and faster, at a price that is measured",
            model="model.tflite",
            runtime="ai-edge-litert",
            write=litert.write_int8,
            ask=_ASK_LITERT,
            tolerance=COARSE,
            library="tf-lite",
            quantized=True,
        ),
        Format(
            name="onnx",
            title="ONNX",
            purpose="for C++, C#, Java, JavaScript and most other runtimes",
            model="model.onnx",
            runtime="onnxruntime",
            write=_write_onnx,
            ask=_ASK_ONNX,
            library="onnx",
        ),
    )
}
