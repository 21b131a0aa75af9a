"""An address leads to this machine only where its host, read as a URL's, is this machine's."""

import pytest

from catalog.addresses import address_problem, is_loopback, is_loopback_host, shown_address

HERE = [
    "http://127.0.0.1",
    "http://127.0.0.1:8080/path",
    "ws://127.8.9.10:1/ws",
    "http://localhost:1",
    "HTTP://LOCALHOST:1",
    "ws://[::1]:9443/stream",
    "http://[::ffff:127.0.0.1]/",
]
ELSEWHERE = [
    "http://127.0.0.1.evil.example",
    "http://localhost.evil.example",
    "http://localhost@evil.example/",
    "http://evil.example/?x=://127.0.0.1",
    "http://evil.example/#://localhost",
    "http://evil.example:80/://[::1]",
    "http://notlocalhost/",
    "http://localhost./",
    "http://0.0.0.0/",
    "http://10.0.0.1/",
    "http://127.1.example/",
    "http://[::2]/",
    "http://[::1",
    "http://127.0.0.1\\@evil.example/",
    "http://127.0.0.1\t.evil.example/",
    "http://127.0.0.1 .evil.example/",
    "http://127.0.0.1\u3002evil.example/",
    "http://127.0.0.1:port/",
    "http:127.0.0.1",
    "",
]


@pytest.mark.parametrize("url", HERE)
def test_this_machine(url: str):
    assert is_loopback(url)
    assert address_problem(url, ("http", "ws")) is None


@pytest.mark.parametrize("url", ELSEWHERE)
def test_another_machine(url: str):
    assert not is_loopback(url)
    assert address_problem(url, ("http", "ws")) is not None


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://venue.example/api", None),
        ("wss://venue.example", "is not an http(s) URL"),
        ("http://venue.example", "must be https, but on this machine itself"),
        ("https://key:secret@venue.example", "holds a user name or a password"),
        ("https://key@127.0.0.1", "holds a user name or a password"),
        ("https://", "is not an http(s) URL"),
        ("https://venue.example:99999", "is not an http(s) URL"),
    ],
)
def test_what_a_connector_may_call(url: str, problem: str | None):
    assert address_problem(url, ("http",)) == problem


def test_what_a_stream_may_connect_to():
    assert address_problem("wss://venue.example/ws", ("ws",)) is None
    assert address_problem("ws://venue.example/ws", ("ws",)) == "must be wss, but on this machine itself"
    assert address_problem("https://venue.example/ws", ("ws",)) == "is not a ws(s) URL"


def test_no_host_is_not_this_machine():
    assert not is_loopback_host(None)
    assert not is_loopback_host("")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://127.0.0.1:1/path", "http://127.0.0.1:1/path"),
        ("127.0.0.1:1", "127.0.0.1:1"),
        ("http://user:s3cret@127.0.0.1:1", "http://127.0.0.1:1"),
        ("http://s3cret@127.0.0.1:1", "http://127.0.0.1:1"),
        ("user:s3cret@venue.example:80", "venue.example:80"),
        ("http://user:s3c@ret/?#x@[::1", "http://[::1"),
        ("http://127.0.0.1:1/?api_key=s3cret", "http://127.0.0.1:1/"),
        ("http://127.0.0.1:1#s3cret", "http://127.0.0.1:1"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str):
    assert shown_address(url) == shown
