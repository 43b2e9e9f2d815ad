"""A round with 500 people due at once against writing the same 500 letters and nothing else, in the same run.

The baseline composes each letter and hands it to the same mailbox in memory; the round also plans, claims,
names and settles every row.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

PEOPLE, THINGS = 500, 2


def main() -> None:
    scratch = Path(tempfile.mkdtemp(prefix="northstar-bench-"))
    os.environ.update(DJANGO_SETTINGS_MODULE="northstar.settings", DATA_DIR=str(scratch), LOG_LEVEL="WARNING")
    try:
        from northstar.lib import keys

        keys.ensure(scratch)
        _run()
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _run() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from metrics.models import Company
    from teams.channels import email
    from teams.models import Delivery, Reminder, User
    from teams.reminders import addressing, delivering, planning

    call_command("migrate", verbosity=0)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    delivering.LANE_SECONDS = 600
    company = Company.objects.create(id=1, name="C", zone="Europe/Berlin", country="DE")
    now = datetime(2026, 11, 18, 10, tzinfo=UTC)
    people = [User(email=f"p{number}@example.com", name=f"P {number}") for number in range(PEOPLE)]
    User.objects.bulk_create(people)
    said = {
        "rule": "signal",
        "occurs_on": now.date(),
        "subject": "S",
        "text": "T",
        "path": "/",
        "action": "A",
    }
    told = [Reminder.objects.create(key=f"signal:{number}", **said) for number in range(THINGS)]
    rows = [row for each in told for user in people for row in addressing.tellings(each, user, now)]
    Delivery.objects.bulk_create(rows)

    began = time.perf_counter()
    for user in people:
        email.send(email.Letter(user, told, f"baseline.{user.pk}"), company)
    baseline = time.perf_counter() - began
    with CaptureQueriesContext(connection) as queries:
        began = time.perf_counter()
        planning.plan(now, company)
        planned = time.perf_counter() - began
    began = time.perf_counter()
    sent = delivering.deliver(now)
    taken = time.perf_counter() - began
    assert sent == PEOPLE, sent
    print(f"letters alone   {baseline:6.2f} s for {PEOPLE} letters of {THINGS} things")
    print(f"planning        {planned:6.2f} s and {len(queries)} queries for {PEOPLE * THINGS} rows")
    print(f"a whole round   {taken:6.2f} s, {taken / baseline:.1f} times the letters alone")


if __name__ == "__main__":
    main()
