"""The people of the tests: who they are and what they may do is known by name."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from metrics.models import Company, Metric, Source
from teams.models import Grant, Membership, Team, User

PASSWORD = "correct-horse-battery"


def person(email: str, name: str, *grants: str) -> User:
    """Somebody with grants in the company; signs in with PASSWORD."""
    user = User.objects.create_user(email, PASSWORD, name=name)
    for grant in grants:
        Grant.objects.create(user=user, name=grant)
    return user


@pytest.fixture
def company(db: None) -> Company:
    return Company.objects.create(id=1, name="Brindlewick", zone="Europe/Berlin", country="DE")


@pytest.fixture
def marketing(company: Company) -> Team:
    return Team.objects.create(name="Marketing", slug="marketing", department="Growth")


@pytest.fixture
def platform(company: Company) -> Team:
    return Team.objects.create(name="Platform", slug="platform", department="Engineering")


@pytest.fixture
def maren(company: Company) -> User:
    """Leads the company and runs the installation."""
    return person("maren@example.com", "Maren Tolk", "leader", "admin")


@pytest.fixture
def idris(marketing: Team) -> User:
    """Leads Marketing."""
    user = person("idris@example.com", "Idris Vane")
    Membership.objects.create(team=marketing, user=user, role="lead")
    return user


@pytest.fixture
def teo(marketing: Team) -> User:
    """A member of Marketing."""
    user = person("teo@example.com", "Teo Lindqvist")
    Membership.objects.create(team=marketing, user=user, role="member")
    return user


@pytest.fixture
def yuki(platform: Team) -> User:
    """Leads Platform: another team."""
    user = person("yuki@example.com", "Yuki Sandoval")
    Membership.objects.create(team=platform, user=user, role="lead")
    return user


@pytest.fixture
def vera(company: Company) -> User:
    """Signed in, in no team, without grants: a viewer."""
    return person("vera@example.com", "Vera Holm")


@pytest.fixture
def bruno(company: Company) -> User:
    """Was deactivated."""
    user = person("bruno@example.com", "Bruno Achterberg")
    User.objects.filter(pk=user.pk).update(is_active=False)
    user.refresh_from_db()
    return user


@pytest.fixture
def by_hand(company: Company) -> Source:
    """The source of everything that people type."""
    return Source.objects.create(name="Typed by hand", slug="by-hand", kind="hand")


@pytest.fixture
def make_metric(by_hand: Source) -> Callable[..., Metric]:
    return metrics_of(by_hand)


def metrics_of(by_hand: Source) -> Callable[..., Metric]:
    """make_metric("Trials", kind="flow_sum", …): a metric, weekly and typed by hand unless said otherwise."""

    def make(name: str = "Qualified trials", **fields: Any) -> Metric:
        slug = fields.pop("slug", name.lower().replace(" ", "-"))
        defaults = {
            "kind": "flow_sum",
            "grain": "week",
            "source": by_hand,
            "definition": f"{name} in a week.",
            "unit": "trials",
        }
        return Metric.objects.create(name=name, slug=slug, **(defaults | fields))

    return make


@pytest.fixture
def make_weeks(maren: User) -> Callable[..., None]:
    return weeks_typed_by(maren)


def weeks_typed_by(maren: User) -> Callable[..., None]:
    """make_weeks(metric, "2026-09-07", [420, 431]): stores weekly values through the one door."""

    def store(metric: Metric, monday: str, values: list[Any]) -> None:
        from datetime import timedelta

        from metrics import storing
        from metrics.connectors.base import Row

        first = date.fromisoformat(monday)
        rows = []
        for number, value in enumerate(values):
            start = first + timedelta(weeks=number)
            if isinstance(value, tuple):
                rows.append(Row(start, numerator=Decimal(value[0]), denominator=Decimal(value[1])))
            elif value is not None:
                rows.append(Row(start, value=Decimal(str(value))))
        storing.store(metric, rows, origin="typed", actor=maren)

    return store
