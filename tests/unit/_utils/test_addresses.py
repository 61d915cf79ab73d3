import pytest

from imgcls._utils import addresses
from imgcls._utils.addresses import is_loopback, seen_from_outside


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("app.localhost", True),
        ("192.168.0.7", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_who_reaches_a_host(host: str, expected: bool) -> None:
    assert is_loopback(host) is expected


def test_an_address_in_the_network_stays_as_it_is() -> None:
    assert seen_from_outside("https://lab.example.org:8443/classes?set=x") == (
        "https://lab.example.org:8443"
    )


def test_this_machine_is_named_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_own_address", lambda: "192.168.0.7")
    assert seen_from_outside("http://localhost:8501/classes") == "http://192.168.0.7:8501"
    assert seen_from_outside("http://127.0.0.1/") == "http://192.168.0.7"


def test_without_a_network_there_is_no_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "_own_address", lambda: None)
    assert seen_from_outside("http://localhost:8501/") is None
