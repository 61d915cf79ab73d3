"""The package: what it asks for, what it holds, and that it works without the repository."""

import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import imgcls
from imgcls.data.bundled import sample_photos
from tests.support.http import ask, form
from tests.support.repository import ROOT
from tests.support.server import serving

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Where a package is imported by another name than the one it is installed by.
MODULES = {"scikit-learn": "sklearn"}


def listed(path: Path) -> set[str]:
    lines = [line.partition("#")[0].strip() for line in path.read_text().splitlines()]
    return {line for line in lines if line}


def test_both_lists_ask_for_the_same() -> None:
    wanted = {*PROJECT["dependencies"], *(line for lines in EXTRAS.values() for line in lines)}
    own = {line for line in wanted if line.startswith("imgcls[")}
    clusters = {*EXTRAS["ray"]} - own  # for those alone who have one
    assert wanted - own - clusters == listed(ROOT / "requirements.txt")
    assert clusters <= listed(ROOT / "tests/requirements.txt")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the package's files alone, as an installation leaves them."""
    folder = tmp_path_factory.mktemp("package")
    build = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*build, "--wheel-dir", folder, ROOT], check=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as package:
        package.extractall(folder / "installed")
    return folder / "installed"


def test_nothing_is_left_out_and_nothing_lands_beside_it(installed: Path) -> None:
    top = {path.name for path in installed.iterdir()}
    assert top == {"imgcls", f"imgcls-{PROJECT['version']}.dist-info"}
    for folder, inside in (("imgcls", "imgcls"), ("pages", "imgcls/_app/pages")):
        sources = {path.relative_to(ROOT / folder) for path in (ROOT / folder).rglob("*.py")}
        packed = {
            path.relative_to(installed / inside) for path in (installed / inside).rglob("*.py")
        }
        assert sources <= packed
    assert (installed / "imgcls" / "py.typed").is_file()
    assert (installed / "imgcls/export/web/built/litert.wasm.gz").is_file()
    assert not (installed / "imgcls/export/web/node_modules").exists()


def test_predicting_needs_only_what_the_package_asks_for_without_extras(
    installed: Path, tmp_path: Path
) -> None:
    names = {re.split("[<>=]", line)[0] for lines in EXTRAS.values() for line in lines}
    names -= {re.split("[<>=]", line)[0] for line in PROJECT["dependencies"]}
    missing = sorted(MODULES.get(name, name.replace("-", "_")) for name in names)
    (tmp_path / "photo.jpg").write_bytes(sample_photos()["A temple"])
    code = f"""
import sys
for name in {missing}:
    sys.modules[name] = None  # importing it raises ModuleNotFoundError
sys.argv[0] = "imgcls"
from imgcls.cli.main import main
sys.exit(main())
"""
    environment = {
        **os.environ,
        "PYTHONPATH": str(installed),
        "IMGCLS_MODELS": str(ROOT / "models"),
    }

    def ask(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )

    said = ask("predict", "photo.jpg", "--json")
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout)[0]["label"]
    assert ask("runs").returncode == 0
    for command, extra in (
        (["train", "--data", "digits"], "train"),
        (["serve"], "serve"),
        (["app"], "app"),
        (["predict", "photo.jpg", "--out", "parts", "--ray"], "ray"),
    ):
        said = ask(*command)
        assert said.returncode == 1
        assert f"pip install 'imgcls[{extra}]'" in said.stderr
        assert len(said.stderr.splitlines()) == 1


@pytest.mark.parametrize(("where", "service"), [("clone", "off"), ("package", "on")])
def test_the_command_app_serves_it_with_its_settings(
    where: str, service: str, installed: Path, tmp_path: Path
) -> None:
    root = ROOT if where == "clone" else installed
    with serving(
        [sys.executable, "-m", "imgcls", "app", "--port", "{port}"],
        tmp_path,
        tmp_path / "log",
        PYTHONPATH=str(root),
        IMGCLS_API=service,
        IMGCLS_MODELS=str(ROOT / "models"),
    ) as server:
        assert server.answers("/learn")
        assert server.answers("/predict"), "the page"
        photo = form(("photo.jpg", sample_photos()["A temple"]))
        said = ask(f"{server.address}/api/predict", photo)
        assert said.status == (200 if service == "on" else 405)
        if service == "on":
            assert said.json[0]["label"]
            assert b"Try the service" in ask(f"{server.address}/api/").body
        assert server.address in server.log.read_text()
        assert "usage statistics" not in server.log.read_text(), "the app's settings do not hold"


def test_public_names_are_there_and_load_nothing_before_they_are_used() -> None:
    for name in imgcls.__all__:
        assert getattr(imgcls, name) is not None
    assert set(imgcls.__all__) == set(imgcls._HOMES)
    with pytest.raises(AttributeError, match="no attribute 'predicting'"):
        _ = imgcls.predicting
    code = "import imgcls, sys; print({name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    for heavy in ("numpy", "pandas", "tensorflow", "keras", "PIL"):
        assert f"'{heavy}'" not in loaded
