"""Whole addresses: what they lead to, and what is refused because it could be read in two ways."""

from __future__ import annotations

import pytest

from northstar.lib.egress import EgressDenied, Origin, read_url


@pytest.mark.parametrize(
    ("text", "origin"),
    [
        ("https://api.example.com/v1?from={start}", Origin("https", "api.example.com", 443)),
        ("HTTP://API.Example.com:8080", Origin("http", "api.example.com", 8080)),
        ("http://[fd00::1]:9090/x", Origin("http", "fd00::1", 9090)),
        ("https://example.com/x?query=select 1 \\ 2", Origin("https", "example.com", 443)),
        ("https://example.com#@other.example", Origin("https", "example.com", 443)),
    ],
)
def test_an_address_leads_to_its_scheme_host_and_port(text: str, origin: Origin) -> None:
    assert read_url(text) == origin


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("ftp://example.com", "Blocked: 'ftp' addresses are not opened; use https or http."),
        ("example.com/x", "addresses are not opened; use https or http."),
        ("https://user:pw@example.com", "holds a user name. Enter sign-in details in their own fields."),
        (
            "https://example.com\\@other.example/",
            "is no web address. Write it like https://api.example.com/path.",
        ),
        ("https://exa mple.com/", "is no web address"),
        ("https://example.com/\n", "is no web address"),
        ("https://example.com:99999/", "is no web address"),
        ("https:///x", "is no host name or IP address"),
    ],
)
def test_anything_else_is_refused_with_what_to_do(text: str, sentence: str) -> None:
    with pytest.raises(EgressDenied) as caught:
        read_url(text)
    assert sentence in str(caught.value)
