"""Sources of a kind that is not there any more: a package was taken away, or does not load."""

from __future__ import annotations

from datetime import date

import pytest
from django.contrib.auth.models import AbstractBaseUser
from django.test import Client
from django.urls import reverse

from metrics import connecting, pulling
from metrics.connectors import plugins
from metrics.models import Company, Metric, Source
from northstar.lib import clock
from tests.metrics.connectors.plugin_packages import Install, install

__all__ = ["install"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def left_over(company: Company, clock: object, install: Install) -> Source:
    """What stays of a source when its package is gone, beside one that works."""
    now = clock_now()
    source = Source(name="Weather", slug="weather", kind="weather", settings={"place": "Oslo"})
    source.schedule = {"kind": "every", "minutes": 60}
    source.next_due_at = source.next_scheduled_at = now
    source.secrets = connecting.seal(source, {"token": "kept"})
    source.save()
    Metric.objects.create(
        name="Rain", slug="rain", kind="flow_sum", source=source, query={"series": "rain"},
        history_from=date(2026, 9, 7),
    )  # fmt: skip
    fine = Source(name="Ours", slug="ours", kind="ours", settings={"place": "here"}, schedule=source.schedule)
    fine.next_due_at = fine.next_scheduled_at = now
    fine.save()
    Metric.objects.create(
        name="Sun",
        slug="sun",
        kind="flow_sum",
        source=fine,
        query={"series": "a"},
        history_from=date(2026, 9, 7),
    )
    install("shop-ours", {"ours": "Ours"})
    return source


def clock_now() -> object:
    return clock.now()


def pull_due() -> None:
    for pull_id in pulling.claim_due(clock.now()):
        pulling.run(pull_id)


@pytest.mark.parametrize("broken", [False, True], ids=["gone", "broken"])
def test_every_page_of_it_opens(
    client: Client, maren: AbstractBaseUser, left_over: Source, install: Install, broken: bool
) -> None:
    if broken:
        install("weather", {"weather": "Ours"}, "raise RuntimeError('<b>rain</b>')")
    client.force_login(maren)
    pages = {
        "list": reverse("source-list"),
        "detail": reverse("source", args=["weather"]),
        "edit": reverse("source-edit", args=["weather"]),
        "metric": reverse("metric", args=["rain"]),
        "metric edit": reverse("metric-edit", args=["rain"]),
        "new metric": f"{reverse('metric-new')}?source=weather",
        "which source": reverse("metric-new"),
    }
    shown = {name: client.get(address) for name, address in pages.items()}
    assert {name: page.status_code for name, page in shown.items()} == dict.fromkeys(pages, 200)
    said = "Plug-in weather (package weather) could not be loaded" if broken else "no kind of source called"
    for name in ("detail", "edit"):
        assert said in shown[name].content.decode()
    assert "How it works" not in shown["edit"].content.decode()
    assert "weather, not installed" in shown["list"].content.decode()
    assert b"<b>rain</b>" not in shown["edit"].content


def test_nothing_is_saved_over_what_is_stored(
    client: Client, maren: AbstractBaseUser, left_over: Source
) -> None:
    client.force_login(maren)
    typed = {"name": "Weather", "version": left_over.version, "schedule": "every", "every": "60"}
    answer = client.post(reverse("source-edit", args=["weather"]), typed)
    assert answer.status_code == 422
    assert "no kind of source called" in answer.content.decode()
    left_over.refresh_from_db()
    assert left_over.settings == {"place": "Oslo"}
    assert set(left_over.secrets) == {"token"}


def test_a_pull_says_why_and_the_other_sources_go_on(left_over: Source) -> None:
    pull_due()
    left_over.refresh_from_db()
    assert left_over.failures == 1
    assert "There is no kind of source called 'weather'." in left_over.last_error_message
    assert Metric.objects.get(slug="sun").observations.filter(status="value").count() == 1


def test_once_the_package_is_back_it_goes_on_as_before(left_over: Source, install: Install) -> None:
    pull_due()
    install("shop-weather", {"weather": "Weather"}, "class Weather(Ours):\n    kind = 'weather'")
    Source.objects.filter(pk=left_over.pk).update(next_due_at=clock.now())
    pull_due()
    left_over.refresh_from_db()
    assert (left_over.failures, left_over.last_error_message) == (0, "")
    assert Metric.objects.get(slug="rain").observations.filter(status="value").count() == 1
    assert plugins.problems() == ()


GARBAGE = "return Answer((Row(ask.start, value=Decimal(1)), Row(date(2020, 1, 6), value=Decimal('NaN'))))"


@pytest.mark.parametrize(
    "body, code", [(GARBAGE, "schema"), ("raise RuntimeError(5)", "unexpected"), ("return 'x'", "schema")]
)
def test_a_plugin_that_misbehaves_stores_nothing_and_hurts_nobody(
    left_over: Source, install: Install, body: str, code: str
) -> None:
    bad = f"class Weather(Ours):\n    kind = 'weather'\n    def fetch(self, ask):\n        {body}\n"
    install("shop-weather", {"weather": "Weather"}, bad)
    pull_due()
    rain = Metric.objects.get(slug="rain")
    assert rain.observations.count() == 0
    assert rain.last_error_code == code
    assert "plug-in" in rain.last_error_message
    assert Metric.objects.get(slug="sun").observations.filter(status="value").count() == 1
