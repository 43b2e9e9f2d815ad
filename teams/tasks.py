"""Celery's doors into `teams`: each calls one function."""

from __future__ import annotations

from celery import shared_task
from django.core.management import call_command

from metrics.models import Company
from northstar.lib import clock
from teams import evaluating, lifecycle, weekly
from teams.channels import trying
from teams.digests import announcing, previewing
from teams.models import Screen
from teams.reminders import alerting, delivering, reminding


@shared_task(name="teams.tasks.evaluate")
def evaluate() -> None:
    now = clock.now()
    lifecycle.advance(clock.today(Company.current().zone))
    evaluating.evaluate(now)


@shared_task(name="teams.tasks.remind")
def remind() -> None:
    lifecycle.advance(clock.today(Company.current().zone))
    reminding.remind(clock.now())


@shared_task(name="teams.tasks.weekly_review")
def weekly_review() -> None:
    weekly.freeze_due(clock.now())
    announcing.announce(clock.now())


@shared_task(name="teams.tasks.deliver")
def deliver() -> None:
    try:
        alerting.alert(clock.now())
    finally:
        # What waits to leave leaves, also when sources cannot be told of.
        delivering.deliver(clock.now())


@shared_task(name="teams.tasks.try_channel")
def try_channel(trial_id: int) -> None:
    trying.run(trial_id)


@shared_task(name="teams.tasks.send_weekly_letter")
def send_weekly_letter(review_id: int, user_id: int) -> None:
    """The letter that somebody asked for on its page."""
    previewing.run(review_id, user_id, now=clock.now())


@shared_task(name="teams.tasks.tidy")
def tidy() -> None:
    """Sessions that have ended are of no use to anybody but a thief; nor are screens that nobody approved."""
    call_command("clearsessions")
    Screen.forget(clock.now())
