"""What was built of the page's sources and is shipped, so that nobody needs Node."""

import gzip
import hashlib
import json

from tests.support.repository import ROOT

WEB = ROOT / "imgcls/export/web"


def test_it_was_built_from_the_sources_beside_it() -> None:
    build = (WEB / "build.mjs").read_text()
    names = json.loads(build.partition("SOURCES = ")[2].partition(";")[0])
    sources = hashlib.sha256(b"".join((WEB / name).read_bytes() for name in names)).hexdigest()
    built = (WEB / "built/main.js").read_text()
    assert built.startswith(f"/* sources {sources} */"), "npm ci && npm run build"
    assert {path.name for path in WEB.glob("*.*js")} - {"sw.js"} <= set(names)


def test_its_packages_are_pinned_and_no_host_is_named() -> None:
    lock = json.loads((WEB / "package-lock.json").read_text())
    wanted = json.loads((WEB / "package.json").read_text())["devDependencies"]
    packages = {name.removeprefix("node_modules/"): each for name, each in lock["packages"].items()}
    assert all(packages[name]["version"] == version for name, version in wanted.items())
    assert all("resolved" not in each for each in packages.values())
    assert all("integrity" in each for name, each in packages.items() if name)


def test_the_wasm_is_whole_and_small_enough() -> None:
    content = (WEB / "built/litert.wasm.gz").read_bytes()
    assert len(content) < 3_000_000
    assert gzip.decompress(content).startswith(b"\0asm")
    assert "Apache License" in (WEB / "built/LICENSE.litert").read_text()
