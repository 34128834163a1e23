from __future__ import annotations

import pytest

from geosvc.web.address import client_address, customer, is_secure

PROXIES = ("10.0.0.0/8", "::1/128")


def sent(remote: str, forwarded: str | None = None) -> dict[str, str]:
    return {"REMOTE_ADDR": remote} | (
        {} if forwarded is None else {"HTTP_X_FORWARDED_FOR": forwarded}
    )


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("1.2.3.4", None, "1.2.3.4"),
        ("1.2.3.4", "9.9.9.9", "1.2.3.4"),
        ("10.0.0.1", None, "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "8.8.8.8, 9.9.9.9", "9.9.9.9"),
        ("10.0.0.1", "8.8.8.8, 10.0.0.2, 10.0.0.3", "8.8.8.8"),
        ("10.0.0.1", "9.9.9.9, nonsense", "10.0.0.1"),
        ("10.0.0.1", "nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "9.9.9.9:4711", "9.9.9.9"),
        ("10.0.0.1", "[2001:db8::5]:4711", "2001:db8::5"),
        ("::1", "2001:DB8::5", "2001:db8::5"),
        ("::ffff:10.0.0.1", "9.9.9.9", "9.9.9.9"),
        ("10.0.0.1:5000", "9.9.9.9", "9.9.9.9"),
        ("", "9.9.9.9", ""),
        ("unix:", "9.9.9.9", ""),
    ],
)
def test_only_our_own_proxies_are_believed(remote: str, forwarded: str | None, found: str) -> None:
    assert client_address(sent(remote, forwarded), PROXIES) == found


@pytest.mark.parametrize("remote", ["1.2.3.4", "10.0.0.1"])
def test_without_proxies_nothing_is_believed(remote: str) -> None:
    assert client_address(sent(remote, "9.9.9.9"), ()) == remote


@pytest.mark.parametrize(
    ("remote", "said", "secure"),
    [
        ("10.0.0.1", "https", True),
        ("10.0.0.1", "http", False),
        ("10.0.0.1", "https, http", False),
        ("1.2.3.4", "https", False),
        ("", "https", False),
    ],
)
def test_https_is_what_our_own_proxies_say(remote: str, said: str, *, secure: bool) -> None:
    environ = sent(remote) | {"HTTP_X_FORWARDED_PROTO": said, "wsgi.url_scheme": "http"}
    assert is_secure(environ, PROXIES) is secure


def test_neighbors_of_one_customer_count_as_one() -> None:
    assert customer("2001:db8:1:2::1") == customer("2001:db8:1:2:ffff::9")
    assert customer("2001:db8:1:2::1") != customer("2001:db8:1:3::1")
    assert customer("1.2.3.4") != customer("1.2.3.5")
    assert customer("no address") == ""
