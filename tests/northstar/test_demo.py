"""Loading the demo company once, whole, and taking out all of it and nothing else."""

from __future__ import annotations

import io
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from metrics import defining, pulling, storing
from metrics.connectors.base import Row
from metrics.models import AuditRow, Company, Metric, Source
from northstar.demo import loading, removing, story
from northstar.demo.days import Days
from northstar.lib import clock
from teams import evaluating
from teams.models import Delivery, Guardrail, Omtm, Team, User
from tests.cast import person
from tests.northstar import brindlewick

pytestmark = pytest.mark.django_db
PASSING = ("heartbeat", "session")


@pytest.fixture(scope="module")
def story_loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    with brindlewick.loaded(brindlewick.SUNDAY, django_db_blocker):
        yield


@pytest.fixture
def demo(story_loaded: None) -> Iterator[None]:
    """The demo company is loaded; what the test does to it is undone."""
    with brindlewick.undone():
        yield


@pytest.fixture
def real(demo: None) -> Metric:
    """A team, a person, a source and a metric with a value that are no demo."""
    Team.objects.create(name="Logistics", slug="logistics")
    vera = person("vera@example.com", "Vera Real", "admin")
    metric = Metric.objects.create(
        name="Parcels", slug="parcels", definition="Parcels sent.", kind="flow_sum", source=defining.by_hand()
    )
    monday = Days(clock.now(), Company.current().zone).monday(0)
    storing.store(metric, [Row(monday, value=Decimal(12))], origin="typed", actor=vera)
    return metric


def counts() -> dict[str, int]:
    """Rows of each table of the product, those left out that come and go."""
    models = [m for m in apps.get_models() if m._meta.app_label in ("teams", "metrics")]
    return {m._meta.label: m._default_manager.count() for m in models if m._meta.model_name not in PASSING}


def said(*options: str) -> str:
    out = io.StringIO()
    call_command("demo", *options, stdout=out)
    return out.getvalue()


def of(series: str) -> Metric:
    return Metric.objects.get(query__series=series)


def play(team: Team, metric: Metric) -> Omtm:
    """A bet that somebody starts, with another team's terms."""
    known = Omtm.objects.get(metric__query__series="activation")
    known.pk, known.team, known.metric, known.is_demo, known.state = None, team, metric, False, "committed"
    known.save(force_insert=True)
    return known


def test_loading_twice_gives_no_doubles(demo: None) -> None:
    before = counts()
    assert loading.load(clock.now(), hashed=brindlewick.UNUSABLE) is False
    assert "here already" in said()
    assert counts() == before


def test_the_worker_s_next_pull_of_the_same_numbers_changes_no_complete_week(demo: None) -> None:
    source = Source.objects.get(slug="product-warehouse-demo")
    pulling.request(source)
    for pull in pulling.claim_due(clock.now()):
        pulling.run(pull)
    items = source.pulls.latest("id").items.all()
    assert {(item.state, item.added, item.changed) for item in items} == {("ok", 0, 0)}


@pytest.mark.one_database
def test_a_load_that_was_interrupted_leaves_nothing_and_the_next_one_is_whole(
    demo: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = counts()
    removing.remove()
    empty = counts()

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(story, "tell", stop)
        with pytest.raises(KeyboardInterrupt):
            loading.load(clock.now(), hashed=brindlewick.UNUSABLE)
    assert counts() == empty
    assert loading.load(clock.now(), hashed=brindlewick.UNUSABLE)
    assert counts() == whole


def test_after_removing_nothing_is_left(demo: None) -> None:
    assert "gone" in said("--remove")
    assert {label: count for label, count in counts().items() if count} == {}
    assert "no demo company" in said("--remove")


def test_removing_leaves_a_real_team_and_metric_untouched(real: Metric) -> None:
    row = AuditRow.objects.create(
        action="metric.defined", object_type="metrics.metric", object_id=str(real.pk)
    )
    zone = Company.current().zone
    removing.remove()
    assert [team.name for team in Team.objects.all()] == ["Logistics"]
    assert [user.name for user in User.objects.all()] == ["Vera Real"]
    assert list(Metric.objects.all()) == [real]
    assert real.observations.get().value == 12
    assert [source.slug for source in Source.objects.all()] == ["by-hand"]
    assert list(AuditRow.objects.all()) == [row]
    company = Company.current()
    assert (company.name, company.is_demo, company.zone) == ("Your company", False, zone)


@pytest.mark.one_database
def test_a_refresh_keeps_what_is_real_and_the_password(real: Metric) -> None:
    User.objects.filter(is_demo=True).update(password="kept")
    evaluating.evaluate(clock.now())
    before = counts()
    assert "ends today" in said("--refresh")
    told = Delivery.objects.filter(recipient__is_demo=False)
    assert {each.channel for each in told} <= {"app"}
    assert counts() == before | {"teams.Delivery": before["teams.Delivery"] + told.count()}
    assert real.observations.count() == 1
    assert brindlewick.person("maren").password == "kept"


def test_removing_is_refused_while_a_real_bet_stands_on_demo_numbers(real: Metric) -> None:
    play(Team.objects.get(slug="logistics"), of("activation"))
    before = counts()
    with pytest.raises(CommandError, match="Activation rate of Logistics is no demo"):
        said("--remove")
    assert counts() == before


def test_removing_is_refused_while_a_real_bet_is_guarded_by_a_demo_metric(real: Metric) -> None:
    omtm = play(Team.objects.get(slug="logistics"), real)
    Guardrail.objects.create(omtm=omtm, metric=of("sync"), side="at_most", limit=2)
    with pytest.raises(CommandError, match="has the demo metric Median sync delay as a guardrail"):
        said("--remove")


def test_what_visitors_played_with_demo_teams_and_numbers_goes_too(demo: None) -> None:
    played = defining.Definition(
        name="Leads again", definition="x", kind="flow_sum", grain="day", direction="up", unit="leads",
        decimals=0, missing="gap", role="input", latency_hours=0, restate_days=14, min_den=30,
        history_from=None, query={"series": "partner_leads"},
    )  # fmt: skip
    teo = brindlewick.person("teo")
    metric = defining.define(Source.objects.get(slug="partner-crm"), played, actor=teo)
    play(Team.objects.get(slug="partnerships"), metric)
    removing.remove()
    assert {label: count for label, count in counts().items() if count} == {}
