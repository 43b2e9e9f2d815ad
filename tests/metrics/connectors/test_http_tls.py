"""F45 to F48: sources that cannot be trusted or found, and the reason that an admin reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from metrics.connectors.base import ConnectorError
from metrics.connectors.http import Surroundings, run
from metrics.connectors.recipe import Auth, Recipe
from northstar.lib.egress import Egress, EgressDenied, Limits, follow
from tests.lib.certifying import Authority, self_signed
from tests.lib.resolving import answers
from tests.metrics.connectors.asking import DAYS, HERE, ROWS, SECRET, answer, fault
from tests.services.chaos import Chaos


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


def trusting(authority: Authority) -> Surroundings:
    return Surroundings(limits=Limits(silence=2, total=3), ssl_context=authority.trusting())


def test_f45_a_certificate_of_a_known_authority_is_fine(authority: Authority) -> None:
    with Chaos(tls=authority.certificate("127.0.0.1")) as chaos:
        assert answer(chaos, "series", around=trusting(authority)).rows == ()


@pytest.mark.parametrize(
    "what, reason",
    [
        ("ended", "its certificate has expired. Renew it there."),
        ("other", "its certificate is made out to another address. Type the host name instead."),
        (
            "self-signed",
            "its certificate signs itself. "
            "Give it one of a known authority, or name your own in SSL_CERT_FILE.",
        ),
        ("old", "it only speaks a TLS version that is too old. TLS 1.2 or newer is needed."),
    ],
)
def test_f45_any_other_is_refused_with_the_reason(
    authority: Authority, tmp_path: Path, what: str, reason: str
) -> None:
    made = {
        "ended": lambda: authority.certificate("127.0.0.1", ended=True),
        "other": lambda: authority.certificate("db.example.com"),
        "self-signed": lambda: self_signed(tmp_path, "127.0.0.1"),
        "old": lambda: authority.certificate("127.0.0.1"),
    }[what]()
    with Chaos(tls=made, oldest=what == "old") as chaos:
        error = fault(chaos, "series", around=trusting(authority), auth=Auth("bearer"))
        assert chaos.asked == []
    assert (error.code, error.permanent) == ("tls", True)
    assert error.message == f"No safe connection to 127.0.0.1: {reason}"


def test_f45_a_port_that_speaks_no_tls_is_told_and_never_asked_in_plain(authority: Authority) -> None:
    with Chaos() as chaos:
        with pytest.raises(ConnectorError) as refused:
            run(
                Recipe(f"https://127.0.0.1:{chaos.port}/series", reading=ROWS), DAYS,
                egress=HERE, settings={}, secrets={}, around=trusting(authority),
            )  # fmt: skip
        assert chaos.asked == []
    assert refused.value.code == "tls"
    assert "it does not speak TLS on this port" in refused.value.message


@pytest.mark.parametrize("found", [[], ["not an address"]])
def test_f46_a_name_without_an_address_fails_closed(
    monkeypatch: pytest.MonkeyPatch, found: list[str]
) -> None:
    answers(monkeypatch, api_example_com=found)
    with pytest.raises(ConnectorError) as refused:
        run(Recipe("https://api.example.com/"), DAYS, egress=HERE, settings={}, secrets={})
    assert (refused.value.code, refused.value.permanent) == ("connection", False)
    assert refused.value.message == (
        "No address was found for api.example.com. Check the spelling, or the name server."
    )


def test_f47_a_name_that_turns_inwards_is_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    with Chaos() as chaos:
        recipe = Recipe(f"http://api.example.com:{chaos.port}/reset", reading=ROWS)
        for code, address in (("connection", "127.0.0.1"), ("egress_denied", "169.254.169.254")):
            answers(monkeypatch, api_example_com=[address])
            with pytest.raises(ConnectorError) as refused:
                run(recipe, DAYS, egress=HERE, settings={}, secrets={})
            assert refused.value.code == code
    assert "169.254.169.254 (cloud metadata)" in refused.value.message


@pytest.mark.parametrize("kind", ["file", "private", "loop", "other"])
def test_f48_a_question_never_follows_a_redirect(kind: str) -> None:
    with Chaos() as chaos, Chaos() as other:
        chaos.other = other.url
        error = fault(chaos, f"redirect/{kind}", auth=Auth("bearer"))
        assert (other.asked, len(chaos.asked)) == ([], 1)
    assert error.message == (
        "127.0.0.1 sends us on to another address (status 302), which is not followed. "
        "Type the final address."
    )


@pytest.mark.parametrize(
    "kind, reason",
    [
        ("loop", "the address leads on more than 3 times"),
        ("chain-4", "the address leads on more than 3 times"),
        ("file", "the address leads on to 'file', which is not opened"),
        ("private", "10.1.2.3 is not a public address (private)"),
        ("metadata", "169.254.169.254 is not a public address (cloud metadata)"),
        ("user", "the address holds a user name"),
        ("nowhere", "is no host name or IP address"),
    ],
)
def test_f48_a_file_follows_three_checked_hops_and_no_further(kind: str, reason: str) -> None:
    closed = Egress("admin", private=False, loopback=True)
    with Chaos() as chaos, closed.http_client() as client, pytest.raises(EgressDenied) as refused:
        follow(client, client.build_request("GET", f"{chaos.url}/redirect/{kind}"), most=3)
    assert reason in str(refused.value)


def test_f48_three_hops_are_followed() -> None:
    with Chaos() as chaos, HERE.http_client() as client:
        found = follow(client, client.build_request("GET", f"{chaos.url}/redirect/chain-3"), most=3)
        assert (found.status_code, len(chaos.asked)) == (200, 4)


def test_f48_no_header_that_may_hold_a_secret_goes_to_another_host() -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "X-Key": SECRET, "Cookie": SECRET, "Accept": "text/csv"}
    with Chaos() as chaos, Chaos() as other, HERE.http_client() as client:
        chaos.other = other.url
        request = client.build_request("GET", f"{chaos.url}/redirect/cross", headers=headers)
        follow(client, request, most=3)
        assert chaos.asked[0].headers["x-key"] == SECRET
        assert SECRET not in str(other.asked) and other.asked[0].headers["accept"] == "text/csv"
        assert other.asked[0].headers["host"] == f"127.0.0.1:{other.port}"


def test_f48_https_never_leads_to_plain_http(authority: Authority) -> None:
    with (
        Chaos(tls=authority.certificate("127.0.0.1")) as chaos,
        HERE.http_client(ssl_context=authority.trusting()) as client,
    ):
        with pytest.raises(EgressDenied) as refused:
            follow(client, client.build_request("GET", f"{chaos.url}/redirect/plain"), most=3)
        assert len(chaos.asked) == 1
    assert "leads on from https to plain http" in str(refused.value)
