"""The pages of alerts: the sentence, the look back, the list, and the link in the message."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from metrics.models import Metric
from northstar.lib import clock as our_clock
from teams import evaluating
from teams.alerts import keeping, quieting
from teams.alerts.keeping import Wish
from teams.models import Alert, Channel, Firing, Reminder, Team, User
from tests.northstar.world import as_somebody
from tests.teams.bets import omtm_of

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
BELOW = {"condition": "below", "limit": "400", "periods": "2", "every_days": "7", "state": "off_track"}


@pytest.fixture
def trials(clock: Any, make_metric: Any, make_weeks: Any) -> Metric:
    metric: Metric = make_metric()
    make_weeks(metric, "2026-08-10", [430, 390, 380, 440, 435, 442, 438, 395, 390, 436, 441, 437, 440, 439])
    return metric


@pytest.fixture
def vera_in(vera: User) -> Client:
    return as_somebody(vera)


def new(metric: Metric, **more: str) -> str:
    return f"/alerts/new/?{urlencode({'metric': metric.slug, **more})}"


def kept(owner: User, metric: Metric, **wish: Any) -> Alert:
    return keeping.make(owner, Wish(metric, **({"condition": "no_data"} | wish)), now=our_clock.now())


def text_of(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_the_sentence_is_kept_and_said_back(vera: User, vera_in: Client, trials: Metric) -> None:
    answer = vera_in.post(new(trials), BELOW, follow=True)
    assert "Kept. Tell me when Qualified trials is below 400 trials for 2 complete weeks" in text_of(answer)
    alert = Alert.objects.get()
    assert (alert.owner, alert.condition, alert.limit, alert.holds) == (vera, "below", 400, False)
    assert alert.looked_to.isoformat() == "2026-11-09"


def test_it_begins_at_the_pace_of_the_focus_and_says_that_it_holds(
    vera_in: Client, marketing: Team, trials: Metric
) -> None:
    omtm_of(marketing, trials)
    evaluating.evaluate(our_clock.now())
    page = text_of(vera_in.get(new(trials)))
    assert '<option value="below_pace" selected>falls below pace</option>' in page
    assert "It holds now: you will be told the next time it begins." in page


def test_looking_back_keeps_nothing_and_counts_what_it_would_have_told(
    vera_in: Client, trials: Metric
) -> None:
    answer = vera_in.post(f"/alerts/preview/{trials.slug}/", BELOW)
    said = text_of(answer)
    assert "Would have fired twice in the last 90 days." in said and "5 to 11 Oct" in said
    assert said.count("chart-signal") == 2
    assert not Alert.objects.exists()
    without = text_of(vera_in.post(new(trials), BELOW | {"check": "yes"}))
    assert "Would have fired twice in the last 90 days." in without
    assert not Alert.objects.exists()


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("limit", "NaN", "is not a number"),
        ("limit", "1e99", "too large"),
        ("limit", "", "Type the limit."),
        ("limit", "4\x000", "Null characters"),
        ("condition", "owner", "Select a valid choice"),
        ("periods", "0", "Select a valid choice"),
        ("every_days", "0", "Select a valid choice"),
        ("channel", "999", "Select a valid choice"),
    ],
)
def test_what_cannot_be_is_said_at_its_place_and_nothing_is_kept(
    field: str, value: str, says: str, vera_in: Client, trials: Metric
) -> None:
    answer = vera_in.post(new(trials), BELOW | {field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Alert.objects.exists()


def test_what_another_condition_left_in_a_hidden_field_does_not_matter(
    vera_in: Client, trials: Metric
) -> None:
    assert vera_in.post(new(trials), BELOW | {"condition": "no_data", "limit": "abc"}).status_code == 302
    assert Alert.objects.get().limit is None


@pytest.mark.parametrize(("limit", "kept_as"), [("110%", "1.1"), ("-5", "-0.05")])
def test_a_limit_in_percent_may_lie_beyond_0_and_100(
    vera_in: Client, make_metric: Any, limit: str, kept_as: str
) -> None:
    retention = make_metric("Net revenue retention", kind="ratio", unit="%")
    assert vera_in.post(new(retention), BELOW | {"limit": limit}).status_code == 302
    assert Alert.objects.get().limit == Decimal(kept_as)


def test_a_share_is_typed_in_percent_and_kept_as_a_fraction(vera_in: Client, make_metric: Any) -> None:
    metric = make_metric("Activation", kind="ratio", unit="")
    assert vera_in.post(new(metric), BELOW | {"limit": "26.5%"}).status_code == 302
    assert str(Alert.objects.get().limit.normalize()) == "0.265"
    vera_in.post(new(metric), BELOW | {"condition": "changes_by", "limit": "2"})
    assert str(Alert.objects.latest("pk").limit.normalize()) == "0.02"
    page = text_of(vera_in.get("/alerts/"))
    assert "changes by more than 2 pp" in page and "is below 26.5%" in page


def test_nobody_sets_what_is_not_asked_and_names_stay_text(
    vera: User, idris: User, vera_in: Client, make_metric: Any
) -> None:
    metric = make_metric("<b>Trials</b>", slug="bold")
    hostile = {"owner": idris.pk, "owner_id": idris.pk, "holds": "true", "is_demo": "on", "omtm": "1"}
    vera_in.post(new(metric), BELOW | hostile)
    alert = Alert.objects.get()
    assert (alert.owner, alert.holds, alert.is_demo, alert.omtm) == (vera, None, False, None)
    for address in ("/alerts/", f"/alerts/{alert.pk}/", f"/alerts/quiet/{quieting.token_of(alert)}/"):
        assert "<b>Trials</b>" not in vera_in.get(address).content.decode()


def test_somebody_elses_alert_cannot_be_seen_or_touched(
    vera: User, idris: User, maren: User, trials: Metric
) -> None:
    alert = kept(idris, trials)
    for somebody in (vera, maren):
        client = as_somebody(somebody)
        assert "Qualified trials" not in client.get("/alerts/").content.decode()
        assert client.get(f"/alerts/{alert.pk}/").status_code == 403
        for verb in ("mute/", "removal/", ""):
            assert client.post(f"/alerts/{alert.pk}/{verb}", BELOW | {"days": "7"}).status_code == 403
    alert.refresh_from_db()
    assert (alert.condition, alert.muted_until, alert.archived_at) == ("no_data", None, None)


def test_a_chat_is_offered_to_those_who_may_use_it(
    vera: User, idris: User, maren: User, marketing: Team, platform: Team, trials: Metric
) -> None:
    growth = Channel.objects.create(kind="slack", label="#growth", team=marketing)
    own = Channel.objects.create(kind="slack", label="#yuki", person=maren)
    everybody = Channel.objects.create(kind="slack", label="#all")
    offered = {
        who.pk: [chat.pk for chat in (growth, own, everybody)
                 if as_somebody(who).post(new(trials), BELOW | {"channel": chat.pk}).status_code == 302]
        for who in (vera, idris, maren)
    }  # fmt: skip
    assert offered == {vera.pk: [], idris.pk: [growth.pk], maren.pk: [growth.pk, everybody.pk]}


def test_the_link_in_a_message_mutes_or_removes_without_signing_in(vera: User, trials: Metric) -> None:
    alert, nobody = kept(vera, trials), Client()
    address = f"/alerts/quiet/{quieting.token_of(alert)}/"
    answer = nobody.get(address)
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert nobody.post(address, {"days": "8"}).status_code == 422
    alert.refresh_from_db()
    assert alert.muted_until is None
    assert nobody.post(address, {"days": "30"}).status_code == 200
    alert.refresh_from_db()
    assert (alert.muted_until - our_clock.now()).days == 30
    assert nobody.post(address, {"remove": "yes"}).status_code == 200
    assert nobody.get(address).status_code == 410
    assert not nobody.cookies.get("sessionid")
    alert.refresh_from_db()
    assert alert.archived_at is not None


def test_a_link_that_was_never_made_opens_nothing(vera: User, idris: User, trials: Metric) -> None:
    mine, other = kept(vera, trials), kept(idris, trials)
    signature = quieting.token_of(mine).partition(".")[2]
    for token in (f"{other.pk}.{signature}", f"{mine.pk}.", "1", "x.y", f"{10**30}.{signature}"):
        assert Client().get(f"/alerts/quiet/{token}/").status_code == 404


def test_removing_keeps_what_was_told_and_drops_what_was_not(
    vera: User, vera_in: Client, trials: Metric
) -> None:
    alert = kept(vera, trials)
    Firing.objects.create(alert=alert, period="2026-11-09", at=our_clock.now(), sentence="It fired.")
    Reminder.objects.create(
        key="alert:1", rule="alert", alert=alert, occurs_on="2026-11-18", subject="x", text="x", path="/",
        action="x",
    )  # fmt: skip
    assert vera_in.post(f"/alerts/{alert.pk}/removal/").status_code == 302
    assert "Qualified trials" not in vera_in.get("/alerts/new/").content.decode().split("<main")[0]
    assert Firing.objects.count() == 1
    assert Reminder.objects.get().closed_at is not None
    assert vera_in.get(f"/alerts/{alert.pk}/").status_code == 404


def test_the_list_takes_the_same_queries_for_twice_the_alerts(
    vera: User, vera_in: Client, trials: Metric, make_metric: Any
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert vera_in.get("/alerts/").status_code == 200
        return len(caught)

    def more(metric: Metric) -> None:
        for condition in ("no_data", "outside_range"):
            alert = kept(vera, metric, condition=condition)
            Firing.objects.create(alert=alert, period="2026-11-09", at=our_clock.now(), sentence="It fired.")

    more(trials)
    queries()
    few = queries()
    more(make_metric("Visits"))
    assert queries() == few
