"""Links to one page: what they show, to whom, for how long, and that they open nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics import drawing
from metrics.models import AuditRow, ChartDocument, Company
from northstar.lib import clock
from northstar.sharing import giving, listing, pages
from teams import evaluating
from teams.middleware import subject_for
from teams.models import Omtm, ShareLink, Team, User
from tests.northstar.world import NAME, World, as_somebody, make_world, routes

Make = Callable[..., Any]
ANSWERS = {"label": "Board in December", "days": "30"}


@pytest.fixture
def world(
    maren: User, idris: User, teo: User, yuki: User,
    marketing: Team, platform: Team, make_metric: Make, make_weeks: Make,
) -> World:  # fmt: skip
    return make_world(
        {"maren": maren, "idris": idris, "teo": teo}, (marketing, platform), make_metric, make_weeks
    )


def link_to(path: str, giver: User, *, days: int = 90) -> tuple[ShareLink, str]:
    link, secret = giving.give(path, "Board", days=days, actor=giver, now=clock.now())
    return link, f"/s/{secret}/"


def shareable(world: World) -> dict[str, str]:
    """An address of every kind of page that may be shared."""
    found = {}
    for route in routes():
        if route.name in pages.PAGES:
            found[route.name] = world.path(route)
    return found


def test_every_page_of_the_table_shows_its_content_without_an_account(world: World) -> None:
    drawing.draw_stars(clock.now())
    evaluating.evaluate(clock.now())
    paths = shareable(world)
    assert set(paths) == set(pages.PAGES)
    for name, path in paths.items():
        _, address = link_to(path, world.person)
        answer = Client().get(address)
        text = answer.content.decode()
        assert answer.status_code == 200, name
        assert "Brindlewick" in text and "Read-only, as of" in text and "link ends on" in text, name
        assert not answer.cookies, name
        assert answer["Referrer-Policy"] == "no-referrer" and answer["Cache-Control"] == "private, no-store"
        assert "noindex" in answer["X-Robots-Tag"] and "script-src" not in answer["Content-Security-Policy"]


def test_a_shared_page_has_no_way_on_no_form_no_script_and_no_name_of_a_person(world: World) -> None:
    drawing.draw_stars(clock.now())
    evaluating.evaluate(clock.now())
    Omtm.objects.filter(pk=world.omtm.pk).update(owner=world.person)
    for name, path in shareable(world).items():
        _, address = link_to(path, world.person)
        text = Client().get(address).content.decode()
        for forbidden in ("<a ", "<form", "<script", "hx-", "<input", "<button", "csrf"):
            assert forbidden not in text, (name, forbidden)
        for who in ("Otto", "Maren", "Idris", "Teo", "@example.com"):
            assert who not in text, (name, who)


@pytest.mark.one_database
def test_the_secret_opens_nothing_else_in_whatever_way_it_is_sent(world: World) -> None:
    """As cookie, header, query or field: every route answers as to a stranger."""
    secret = link_to("/", world.person)[1].split("/")[2]
    for route in routes():
        path = world.path(route)
        plain = Client().get(path)
        armed = Client(
            headers={
                "authorization": f"Bearer {secret}",
                "x-share": secret,
                "referer": f"http://testserver/s/{secret}/",
            }
        )
        for cookie in ("sessionid", "share", "s", "csrftoken"):
            armed.cookies[cookie] = secret
        got = armed.get(f"{path}?share={secret}&secret={secret}&token={secret}")
        assert got.status_code == plain.status_code, route.name
        if got.status_code == 302:
            assert got["Location"].split("?")[0] == plain["Location"].split("?")[0], route.name
        if getattr(route.callback, "policy_action", "public") == "public":
            continue  # Whoever is invited or signs in may post there anyway.
        posted = armed.post(path, {"secret": secret, "share": secret})
        assert posted.status_code == Client().post(path).status_code, route.name


def test_what_follows_the_address_changes_nothing(world: World) -> None:
    _, address = link_to(f"/omtms/{world.omtm.pk}/", world.person)
    usual = Client().get(address).content
    assert (
        Client().get(f"{address}?range=all&all=1&page=/settings/&pk=1&sort=-days&format=json").content
        == usual
    )
    assert Client().get(address, headers={"hx-request": "true"}).content == usual
    for path in (f"{address}chart/", f"{address}../settings/", f"{address}.json", f"{address}values.csv"):
        assert Client().get(path).status_code in (302, 404), path
    assert Client().post(address).status_code == 405


def test_guardrails_stand_on_shared_pages_of_a_bet_and_of_the_star(world: World) -> None:
    drawing.draw_stars(clock.now())
    evaluating.evaluate(clock.now())
    of_star = {"name": "Churn", "slug": "churn", "state": "good", "value": "2.1%", "limit": "stays below 3%"}
    of_bet = {
        "name": "Churn",
        "slug": "churn",
        "state": "good",
        "value_words": "2.1%",
        "limit_words": "below 3%",
    }
    for key, told in (("north-star", of_star), (f"omtm:{world.omtm.pk}", of_bet)):
        document = ChartDocument.objects.get(key=key)
        document.facts["guardrails"] = [told]
        document.save()
    for path in (
        world.path(next(r for r in routes() if r.name == n)) for n in ("north-star", "team", "omtm")
    ):
        assert "Churn 2.1%, " in Client().get(link_to(path, world.person)[1]).content.decode(), path


@pytest.mark.parametrize(
    "how", ["unknown", "revoked", "expired", "page gone", "giver gone", "sharing off", "long"]
)
def test_whatever_does_not_open_says_the_same(world: World, how: str) -> None:
    link, address = link_to(f"/metrics/{world.metric.slug}/", world.person)
    unknown = Client().get("/s/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA/")
    if how == "unknown":
        address = f"{address[:-3]}xx/"
    if how == "revoked":
        giving.revoke(link, actor=world.person, now=clock.now())
    if how == "expired":
        ShareLink.objects.update(expires_at=clock.now() - timedelta(seconds=1))
    if how == "page gone":
        type(world.metric).objects.filter(pk=world.metric.pk).update(archived_at=clock.now())
    if how == "giver gone":
        User.objects.filter(pk=world.person.pk).update(is_active=False)
    if how == "sharing off":
        Company.objects.update(share_links="nobody")
    if how == "long":
        address = "/s/" + "x" * 5000 + "/"
    answer = Client().get(address)
    assert (answer.status_code, answer.content) == (404, unknown.content)
    assert dict(answer.headers) == dict(unknown.headers) and NAME not in answer.content.decode()


def test_whoever_may_see_a_page_gives_it_away_and_the_address_is_shown_once(world: World, teo: User) -> None:
    client = as_somebody(teo)
    assert (
        f"/shares/new/?page=/teams/{world.team.slug}/"
        in client.get(f"/teams/{world.team.slug}/").content.decode()
    )
    form = client.get(f"/shares/new/?page=/teams/{world.team.slug}/").content.decode()
    assert "Anyone who has the address can look" in form

    answer = client.post(f"/shares/new/?page=/teams/{world.team.slug}/", ANSWERS)

    assert answer.status_code == 201
    link = ShareLink.objects.get(label="Board in December")
    address = next(line for line in answer.content.decode().split('"0">') if "/s/" in line).split("<")[0]
    secret = address.rstrip("/").rsplit("/", 1)[1]
    assert (link.path, link.created_by) == (f"/teams/{world.team.slug}/", teo)
    assert (
        link.expires_at is not None and round((link.expires_at - link.created_at) / timedelta(days=1)) == 30
    )
    assert secret not in link.digest and Client().get(f"/s/{secret}/").status_code == 200
    assert secret not in client.get("/shares/").content.decode()
    row = AuditRow.objects.filter(action="share.create").latest("pk")
    assert row.actor == teo and secret not in str(row.after) + row.object_label
    link.refresh_from_db()
    assert (link.views, link.seen_at is not None) == (1, True)


@pytest.mark.parametrize(
    "path", ["/settings/", "/settings/people/", "/sources/", "/calibration/", "//evil/", "x", ""]
)
def test_other_pages_cannot_be_shared(world: World, teo: User, path: str) -> None:
    assert pages.at(path) is None
    answer = as_somebody(teo).post(f"/shares/new/?page={path}", ANSWERS)
    assert (answer.status_code, answer["Location"]) == (302, "/shares/")
    assert ShareLink.objects.count() == 1


def test_a_candidate_is_not_shared(world: World, teo: User) -> None:
    answer = as_somebody(teo).post(f"/shares/new/?page=/omtms/{world.asked.pk}/", ANSWERS)
    assert answer.status_code == 302 and ShareLink.objects.count() == 1


@pytest.mark.parametrize("wrong", [{"label": ""}, {"days": "3650"}, {"days": "x"}, {"label": "x" * 81}])
def test_a_wrong_answer_makes_no_link(world: World, teo: User, wrong: dict[str, str]) -> None:
    answer = as_somebody(teo).post("/shares/new/?page=/portfolio/", ANSWERS | wrong)
    assert answer.status_code == 422 and ShareLink.objects.count() == 1


def test_the_setting_keeps_sharing_to_leaders_or_to_nobody(world: World, teo: User, maren: User) -> None:
    for setting, may in (("leaders", [maren]), ("nobody", [])):
        Company.objects.update(share_links=setting)
        for person in (teo, maren):
            client = as_somebody(person)
            asked = client.post("/shares/new/?page=/portfolio/", ANSWERS)
            assert asked.status_code == (201 if person in may else 403), (setting, person)
            assert ("/shares/new/" in client.get("/portfolio/").content.decode()) is (person in may)


def test_a_new_address_ends_the_one_before(world: World, teo: User, idris: User) -> None:
    link, address = link_to("/portfolio/", teo)
    assert as_somebody(idris).post(f"/shares/{link.pk}/renewal/").status_code == 403

    answer = as_somebody(teo).post(f"/shares/{link.pk}/renewal/")

    assert answer.status_code == 201 and Client().get(address).status_code == 404
    assert AuditRow.objects.filter(action="share.renew", actor=teo).exists()


def test_people_see_their_own_links_and_admins_all(world: World, teo: User, idris: User, maren: User) -> None:
    link, address = link_to("/portfolio/", teo)
    ShareLink.objects.filter(pk=link.pk).update(label="Bank")
    assert "Bank" in as_somebody(teo).get("/shares/").content.decode()
    assert "Bank" not in as_somebody(idris).get("/shares/").content.decode()
    assert as_somebody(idris).post(f"/shares/{link.pk}/revocation/").status_code == 403
    assert "Bank" in as_somebody(maren).get("/shares/").content.decode()

    assert as_somebody(maren).post(f"/shares/{link.pk}/revocation/").status_code == 302

    assert Client().get(address).status_code == 404
    assert AuditRow.objects.filter(action="share.revoke", actor=maren).count() == 1
    as_somebody(teo).post(f"/shares/{link.pk}/revocation/")
    assert AuditRow.objects.filter(action="share.revoke").count() == 1


def test_pages_ask_the_same_number_of_questions_with_twice_the_rows(
    world: World, teo: User, make_metric: Make, make_weeks: Make
) -> None:
    drawing.draw_stars(clock.now())
    client, counts = as_somebody(teo), []
    addresses = [link_to(path, teo)[1] for path in ("/", "/portfolio/")]
    for round_no in range(2):
        for address in (*addresses, "/shares/"):
            client.get(address)
        with CaptureQueriesContext(connection) as asked:
            for address in (*addresses, "/shares/"):
                assert client.get(address).status_code == 200
        counts.append(len(asked))
        for number in range(8):
            Team.objects.create(name=f"Team {round_no} {number}", slug=f"team-{round_no}-{number}")
            link_to("/portfolio/", teo)
    assert counts[0] == counts[1]


def test_a_home_without_a_north_star_is_not_shared(company: Company, teo: User) -> None:
    assert as_somebody(teo).post("/shares/new/?page=/", ANSWERS).status_code == 302
    assert not ShareLink.objects.exists()


def test_a_link_is_open_only_while_its_giver_may_share(world: World, maren: User, teo: User) -> None:
    _, of_member = link_to("/portfolio/", teo)
    _, of_leader = link_to("/portfolio/", maren)
    Company.objects.update(share_links="leaders")
    assert [Client().get(address).status_code for address in (of_member, of_leader)] == [404, 200]
    assert "Its giver may not share any more" in as_somebody(teo).get("/shares/").text
    maren.grants.all().delete()
    assert Client().get(of_leader).status_code == 404
    Company.objects.update(share_links="everybody")
    assert Client().get(of_leader).status_code == 200


def test_a_renewed_link_lives_as_long_as_was_chosen_however_often(world: World, teo: User) -> None:
    begun = clock.now()
    link, _ = giving.give("/portfolio/", "Board", days=30, actor=teo, now=begun)
    for week in (1, 2, 3):
        now = begun + timedelta(weeks=week)
        giving.renew(link, actor=teo, now=now)
        link.refresh_from_db()
        assert link.expires_at == now + timedelta(days=30)


def test_what_an_admin_revoked_its_giver_cannot_open_again(world: World, teo: User, maren: User) -> None:
    link, _ = link_to("/portfolio/", teo)
    giving.revoke(link, actor=maren, now=clock.now())
    answer = as_somebody(teo).post(f"/shares/{link.pk}/renewal/", follow=True)
    assert "was revoked, and stays so" in answer.text
    link.refresh_from_db()
    assert link.revoked_at is not None


def test_fifty_open_links_are_enough_and_open_ones_come_first(
    world: World, teo: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    ShareLink.objects.all().delete()
    monkeypatch.setattr(giving, "MOST_OPEN", 2)
    monkeypatch.setattr(listing, "MOST", 2)
    links = [link_to("/portfolio/", teo)[0] for _ in range(2)]
    answer = as_somebody(teo).post("/shares/new/?page=/portfolio/", ANSWERS)
    assert answer.status_code == 422 and "open links already" in answer.text
    for link in links:
        giving.revoke(link, actor=teo, now=clock.now())
    assert as_somebody(teo).post("/shares/new/?page=/portfolio/", ANSWERS).status_code == 201
    oldest = ShareLink.objects.latest("created_at")
    ShareLink.objects.filter(pk=oldest.pk).update(created_at=clock.now() - timedelta(days=3))
    told = listing.rows(subject_for(teo), whole=False, company=Company.current(), now=clock.now())
    assert [row.open for row in told] == [True, False]
