import socket

import pytest

from imgcls._utils.cluster import ClusterError, joined


def test_an_address_where_nobody_is_is_said_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with (
        pytest.raises(ClusterError, match=rf"nothing answers at 127\.0\.0\.1:{port} "),
        joined(f"127.0.0.1:{port}"),
    ):
        pytest.fail("it was joined")
