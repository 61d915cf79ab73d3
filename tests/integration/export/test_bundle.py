"""One small run in every format: what is in the zip, and that it answers as it does here."""

import errno
import importlib.util
import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import msgspec
import onnx
import pytest

from imgcls.data.dataset import Dataset, open_dataset
from imgcls.evaluation import eight_bits
from imgcls.evaluation.comparisons import labels
from imgcls.export import bundle
from imgcls.export.bundle import export
from imgcls.export.formats import FORMATS, ExportError
from imgcls.export.proof import Proof
from imgcls.runs.run import Run, RunError, load_run
from tests.conftest import Once
from tests.support.runs import copied, example

SAMPLES = {"a-temple.png", "a-flower.png", "a-drawn-golf-ball.png"}


@pytest.fixture(scope="module")
def drawings(drawn_photos: Path) -> Dataset:
    return open_dataset(drawn_photos)


@pytest.fixture(scope="module")
def exported(finished: Run, drawings: Dataset, once: Once) -> Callable[[str], Path]:
    """Return a function that gives the unpacked export in a format, made once."""

    def unpacked(format: str) -> Path:
        def make(folder: Path) -> None:
            run = copied(finished, folder / "models" / finished.id)  # what 8 bits cost goes there
            export(run, format, folder / "export.zip", drawings)
            with zipfile.ZipFile(folder / "export.zip") as archive:
                archive.extractall(folder)

        return once(f"export-{format}", make) / f"{finished.id}-{format}"

    return unpacked


@pytest.fixture(params=[name for name, format in FORMATS.items() if not format.alone])
def unpacked(request: pytest.FixtureRequest, exported: Callable[[str], Path]) -> Path:
    return exported(request.param)


def verification(folder: Path) -> ModuleType:
    """Return the verify.py of an export, as a module."""
    spec = importlib.util.spec_from_file_location(f"verify_{folder.name}", folder / "verify.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_it_is_proved_on_photos_that_were_held_out(unpacked: Path, finished: Run) -> None:
    proof = json.loads((unpacked / "proof.json").read_text())
    held_out = sum(finished.record.data.count(split) for split in ("validation", "test"))
    assert proof["photos"] == proof["agree"] == min(bundle.PHOTOS, held_out)
    assert proof["of"] == "held-out photos of shapes"
    exact = {"litert-float16": 0.05}.get(unpacked.name.removeprefix(f"{finished.id}-"), 1e-4)
    assert proof["largest_difference"] < exact
    assert re.fullmatch(r"[\w-]+ \d+\.\d+.*", proof["runtime"])


def test_its_own_program_finds_the_samples_answered_as_expected(
    unpacked: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verification(unpacked).main()
    lines = capsys.readouterr().out.splitlines()
    assert {line.split(":")[0] for line in lines} == SAMPLES
    assert all("as expected" in line for line in lines)
    assert {path.name for path in (unpacked / "samples").iterdir()} == {*SAMPLES, "expected.json"}


def test_the_card_is_one_that_hugging_face_reads(unpacked: Path, finished: Run) -> None:
    card = (unpacked / "README.md").read_text()
    _, head, text = card.split("---\n", 2)
    known = {
        line.partition(": ")[0]: json.loads(line.partition(": ")[2]) for line in head.splitlines()
    }
    assert known["pipeline_tag"] == "image-classification"
    (metric,) = known["model-index"][0]["results"][0]["metrics"]
    assert metric["value"] == pytest.approx(finished.test.accuracy, abs=1e-4)
    assert f"{finished.test.n} test photos (95 % interval" in text
    assert "Base weights" in text
    price = json.loads((unpacked / "proof.json").read_text())["price"]
    assert ("McNemar" in text) == (price is not None) == unpacked.name.endswith("int8")


def test_the_classes_are_inside_of_the_model(
    exported: Callable[[str], Path], finished: Run
) -> None:
    lines = "".join(f"{name}\n" for name in finished.class_names)
    for format in ("keras", "litert", "litert-float16", "litert-int8"):
        with zipfile.ZipFile(exported(format) / FORMATS[format].model) as inside:
            assert inside.read("labels.txt").decode() == lines
    assert (exported("savedmodel") / "model/assets.extra/labels.txt").read_text() == lines
    written = onnx.load(exported("onnx") / "model.onnx")
    properties = {entry.key: entry.value for entry in written.metadata_props}
    assert properties["labels.txt"] == lines
    assert json.loads(properties["preprocess.json"])["threshold"] == finished.energy_threshold


def test_8_bits_are_smaller_and_measured(exported: Callable[[str], Path], finished: Run) -> None:
    price = json.loads((exported("litert-int8") / "proof.json").read_text())["price"]
    assert price["photos"] == finished.test.n
    assert price["exact"]["correct"] == round(finished.test.accuracy * finished.test.n)
    assert price["small"]["correct"] - price["exact"]["correct"] == price["fixed"] - price["broken"]
    sizes = {
        format: (exported(format) / "model.tflite").stat().st_size
        for format in ("litert", "litert-float16", "litert-int8")
    }
    assert sizes["litert-float16"] < 0.6 * sizes["litert"]
    assert sizes["litert-int8"] < 0.4 * sizes["litert"]
    samples = json.loads((exported("litert-int8") / "samples/expected.json").read_text())
    # What has 256 steps does not.
    assert all(sum(each["probabilities"]) == pytest.approx(1, 1e-5) for each in samples.values())


def test_what_8_bits_cost_stands_in_the_run(
    exported: Callable[[str], Path], finished: Run, tmp_path: Path
) -> None:
    folder = exported("litert-int8")
    run = copied(load_run(folder.parent / "models" / finished.id), tmp_path / "paper-1")
    proof = msgspec.json.decode((folder / "proof.json").read_bytes(), type=Proof)
    assert eight_bits.kept(run) == proof.price
    exact, small = eight_bits.table([finished, run]).to_dict("records")
    assert [exact["run"], small["run"]] == 2 * labels([finished, run])[1:]
    assert (exact["bits"], small["bits"]) == (32, 8)
    assert exact["low"] < exact["accuracy"] < exact["high"]
    run.file("eight_bits.json").write_text("{")
    with pytest.raises(RunError, match=r"eight_bits\.json cannot be read"):
        eight_bits.kept(run)


def test_8_bits_need_photos(finished: Run, tmp_path: Path) -> None:
    with pytest.raises(RunError, match="give the folder of shapes with --data"):
        export(finished, "litert-int8", tmp_path / "model.zip")
    assert not list(tmp_path.iterdir())


def test_without_the_photos_it_is_proved_on_generated_ones(finished: Run, tmp_path: Path) -> None:
    proof = export(finished, "web", tmp_path / "new" / "model.zip")
    assert (proof.agree, proof.photos) == (200, 200)
    assert proof.sentence.startswith("Agrees on 200 of 200 generated pictures (noise, ")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["model.zip"]


def test_a_page_is_given_alone(finished: Run, drawings: Dataset, tmp_path: Path) -> None:
    for format in ("html", "web"):
        proof = export(finished, format, tmp_path / format, drawings)
        assert proof.agree == proof.photos > 0
        assert 0 < proof.largest_difference < 0.05
    assert (tmp_path / "html").read_text().startswith("<!doctype html>")
    with zipfile.ZipFile(tmp_path / "web") as archive:
        assert {Path(name).name for name in archive.namelist()} == {
            "index.html",
            "manifest.webmanifest",
            "sw.js",
        }


@pytest.mark.parametrize("change", ["model.onnx", "labels.txt"])
def test_what_was_changed_or_lost_on_the_way_is_noticed(
    exported: Callable[[str], Path], tmp_path: Path, change: str
) -> None:
    folder = tmp_path / "export"
    shutil.copytree(exported("onnx"), folder)
    if change == "labels.txt":
        (folder / change).unlink()
    else:
        content = bytearray((folder / change).read_bytes())
        content[len(content) // 2] ^= 1
        (folder / change).write_bytes(content)
    with pytest.raises(SystemExit, match=f"{change} is missing or was changed: unpack"):
        verification(folder).main()


def test_a_model_that_disagrees_is_not_given_away(
    finished: Run, drawings: Dataset, tmp_path: Path
) -> None:
    run = copied(finished, tmp_path / "models" / "paper-1")
    shutil.copy(run.file("phase1.keras"), run.file("model.keras"))
    out = tmp_path / "out" / "model.zip"
    with pytest.raises(ExportError, match=r"the ONNX model disagrees\. Agrees on \d+ of \d+ held"):
        export(run, "onnx", out, drawings)
    assert not out.parent.exists()


def test_a_changed_byte_in_the_run_is_noticed(finished: Run, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / "models" / "paper-1")
    content = bytearray(run.file("model.keras").read_bytes())
    content[len(content) // 2] ^= 1
    run.file("model.keras").write_bytes(content)
    with pytest.raises(RunError, match=r"model\.keras cannot be loaded: .*changed|Bad CRC"):
        export(run, "onnx", tmp_path / "model.zip")
    assert not (tmp_path / "model.zip").exists()


def test_nothing_is_overwritten(finished: Run, tmp_path: Path) -> None:
    out = tmp_path / "model.zip"
    out.write_text("precious")
    with pytest.raises(ExportError, match="exists already"):
        export(finished, "keras", out)
    assert out.read_text() == "precious"


def test_unknown_format_names_those_there_are(finished: Run, tmp_path: Path) -> None:
    with pytest.raises(
        ExportError, match="received 'pickle'; allowed: html, web, keras, savedmodel"
    ):
        export(finished, "pickle", tmp_path / "model.zip")


def test_run_that_keeps_no_model(finished: Run, tmp_path: Path) -> None:
    run = copied(finished, tmp_path / "models" / "paper-1")
    run.file("model.keras").unlink()
    with pytest.raises(RunError, match=r"is kept without model\.keras.* Train it again: python"):
        export(run, "onnx", tmp_path / "model.zip")


def test_run_without_results(tmp_path: Path, make_run: Callable[..., Run]) -> None:
    run = make_run("paper-1", status="failed")
    with pytest.raises(RunError, match="cannot predict: it is failed, not finished"):
        export(run, "keras", tmp_path / "model.zip")
    assert run.record.preset == example().preset


def test_no_space_leaves_nothing_behind(
    finished: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path, name: str, out: Path) -> None:
        out.write_bytes(bytes(100))
        raise OSError(errno.ENOSPC, "No space left on device", str(out))

    monkeypatch.setattr(bundle, "_pack", full)
    with pytest.raises(OSError, match="No space left"):
        export(finished, "web", tmp_path / "out" / "model.zip")
    assert not list((tmp_path / "out").iterdir())
