import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import keras
import numpy as np
import pytest

from imgcls.architectures import mobilenet_v2
from imgcls.config import TrainConfig
from imgcls.networks.build import build_base
from imgcls.networks.weights import (
    BaseWeights,
    BaseWeightsError,
    described,
    download,
    find_base_weights,
    find_local_weights,
    keras_path,
)

NAME = "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5"


@pytest.fixture(autouse=True)
def keras_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


def move_download(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """Let Keras's weights be looked for somewhere else."""
    pretrained = mobilenet_v2.NETWORK.pretrained
    monkeypatch.setitem(vars(pretrained), "url", url)  # it is frozen


@pytest.fixture
def server(base_weights: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Serve the tiny weights where Keras's would be; yield the paths asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            content = base_weights.read_bytes()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{running.server_port}/"
        move_download(monkeypatch, url)
        yield asked
        running.shutdown()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    move_download(monkeypatch, "http://127.0.0.1:1/")


def test_file_given_comes_first(base_weights: Path, keras_home: Path) -> None:
    found = find_base_weights(224, base_weights)
    assert (found.source, found.path) == ("file", base_weights)
    assert "origin is not known" in found.note
    assert not keras_home.exists()


def test_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BaseWeightsError, match=r"no weights file .*nowhere\.h5"):
        find_base_weights(224, tmp_path / "nowhere.h5")


def test_download_goes_to_keras_cache_once(
    server: list[str], keras_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert find_local_weights(224) is None
    for _ in range(2):
        found = find_base_weights(224)
        assert (found.source, found.path) == ("keras", keras_home / "models" / NAME)
    assert server == [f"/{NAME}"]
    assert capsys.readouterr().out == ""  # standard output may carry JSON


def test_sizes_without_a_file_of_their_own_take_the_one_for_224(server: list[str]) -> None:
    find_base_weights(64)
    assert server == [f"/{NAME}"]


def test_what_a_run_holds_is_not_downloaded(server: list[str]) -> None:
    fallback = BaseWeights("run", Path("models/x/phase1.keras"), "sha", "note")
    assert find_base_weights(224, in_runs={224: fallback}) == fallback
    assert server == []
    # Unless Keras's own is asked for: then it comes first.
    own = download(224)
    assert server == [f"/{NAME}"]
    assert find_base_weights(224, in_runs={224: fallback}) == own


def test_a_download_that_breaks_off_leaves_nothing(
    server: list[str], keras_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda path: CutOff(b"half of it"))
    with pytest.raises(BaseWeightsError, match="bytes are missing"):
        download(224)
    assert not any((keras_home / "models").iterdir())


class CutOff(bytes):
    """What claims to be longer than it is."""

    def __len__(self) -> int:
        return 1000


def test_offline_without_a_run_says_what_to_do(offline: None, keras_home: Path) -> None:
    with pytest.raises(
        BaseWeightsError, match="Connect to the internet once, or give a file"
    ) as error:
        find_base_weights(224)
    assert str(keras_home / "models" / NAME) in str(error.value)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    path = tmp_path / "damaged.h5"
    path.write_bytes(b"not HDF5")
    with pytest.raises(BaseWeightsError, match=r"damaged\.h5 cannot be read.*Delete it"):
        build_base(32, find_base_weights(32, path))


def test_base_inside_a_run_is_the_base(base_weights: Path, tmp_path: Path) -> None:
    from imgcls.config import with_settings
    from imgcls.networks.build import build_model
    from imgcls.presets import PRESETS

    weights = find_base_weights(32, base_weights)
    base = build_base(32, weights)
    model = build_model(with_settings(PRESETS["paper"], ["image_size=32"]), 3, base)
    model.save(tmp_path / "phase1.keras")
    again = build_base(
        32, BaseWeights("run", tmp_path / "phase1.keras", weights.sha256, weights.note)
    )
    assert isinstance(again, keras.Model)
    assert [layer.name for layer in again.layers][1:] == [layer.name for layer in base.layers][1:]
    for mine, theirs in zip(again.weights, base.weights, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


def form_sizes() -> list[int]:
    limits = TrainConfig.__dataclass_fields__["image_size"].metadata
    return list(range(limits["at_least"], limits["at_most"] + 1, limits["multiple_of"]))


@pytest.mark.parametrize("size", form_sizes())
def test_every_size_that_the_form_offers_trains_offline(offline: None, size: int) -> None:
    """With what is shipped: bases for 160 and 224 px."""
    in_runs = {at: BaseWeights("run", Path(f"{at}.keras"), "sha", "note") for at in (160, 224)}
    found = find_base_weights(size, in_runs=in_runs)
    expected = {96: 160, 128: 160, 160: 160, 192: 224}.get(size, 224)
    assert found.path == Path(f"{expected}.keras")
    assert found.size == (expected if size in (96, 128, 192) else None)
    assert ("made for" in described(found.note, found.size)) == (size in (96, 128, 192))


def test_the_file_for_the_very_size_comes_first_and_then_the_nearest(base_weights: Path) -> None:
    def put(size: int) -> Path:
        path = keras_path(size)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base_weights.read_bytes())
        return path

    far, own = put(224), BaseWeights("run", Path("own.keras"), "sha", "note")
    assert find_base_weights(128, in_runs={128: own}) == own
    assert find_base_weights(128).path == far
    near = put(160)
    found = find_base_weights(128)
    assert (found.path, found.size) == (near, 160)
    assert find_base_weights(128, in_runs={96: own}).path == near  # of two as near the larger one
    exact = put(128)
    assert (find_base_weights(128).path, find_base_weights(128).size) == (exact, None)
