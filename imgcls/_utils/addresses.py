"""How other devices in the same network reach this one."""

import ipaddress
import socket
from urllib.parse import urlsplit

# Reserved for documentation (RFC 5737): nothing is ever sent there, only a route is looked up.
_ANYWHERE = ("192.0.2.1", 9)


def is_loopback(host: str) -> bool:
    """Return whether only this machine itself reaches a host of this name."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def seen_from_outside(url: str) -> str | None:
    """Return the address of a page as another device in the network types it.

    Args:
        url: as a browser shows it, perhaps on this very machine.

    Returns:
        Scheme, host and port alone; None when this machine is in no network.
    """
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    if not is_loopback(host):
        return f"{parts.scheme}://{parts.netloc}"
    own = _own_address()
    if own is None:
        return None
    return f"{parts.scheme}://{own}" + (f":{parts.port}" if parts.port else "")


def _own_address() -> str | None:
    """Return the address that this machine has in its network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as route:
        try:
            route.connect(_ANYWHERE)
        except OSError:
            return None
        found = str(route.getsockname()[0])
    return None if is_loopback(found) else found
