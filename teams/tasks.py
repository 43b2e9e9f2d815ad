"""Celery's doors into `teams`: each calls one function."""

from __future__ import annotations

from celery import shared_task

from metrics.models import Company
from northstar.lib import clock
from teams import evaluating, lifecycle


@shared_task(name="teams.tasks.evaluate")
def evaluate() -> None:
    now = clock.now()
    lifecycle.advance(clock.today(Company.current().zone))
    evaluating.evaluate(now)


@shared_task(name="teams.tasks.remind")
def remind() -> None:
    from teams import reminding

    lifecycle.advance(clock.today(Company.current().zone))
    reminding.remind(clock.now())


@shared_task(name="teams.tasks.deliver")
def deliver() -> None:
    from teams import reminding

    reminding.deliver(clock.now())
