"""Weekly letters a second, whole mails with their pictures, beside the bare rendering of the two templates.

The demo company as it is loaded: a letter for each of its people. The first letter draws the pictures; all
others of the same teams take them from memory.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROUNDS = 20


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
    from django.core.management import call_command
    from django.template.loader import render_to_string

    call_command("migrate", verbosity=0, skip_checks=True)
    from metrics.models import Company
    from northstar.demo import loading
    from northstar.lib import clock
    from teams.channels.email import Letter
    from teams.digests import mailing, pictures
    from teams.models import Reminder, User, WeeklyReview

    loading.load(clock.now(), hashed="!")
    company, review = Company.current(), WeeklyReview.objects.latest("week")
    told = Reminder.objects.get(key=f"weekly_ready:{review.week}")
    people = list(User.objects.filter(is_active=True))

    def whole(user: User) -> int:
        return len(mailing.compose(Letter(user, [told], "bench"), company).message().as_bytes())

    def bare(user: User) -> None:
        for name in ("emails/weekly.html", "emails/weekly.txt"):
            render_to_string(name, contexts[user.pk])

    first = _seconds(lambda: whole(people[0]))
    contexts = {user.pk: mailing.context(review, user, company)[0] for user in people}
    sizes = [whole(user) for user in people]
    drawn = pictures.size(mailing.write(review, people[0], company).pairs)
    letters = _seconds(lambda: [whole(user) for user in people for _ in range(ROUNDS)])
    least = _seconds(lambda: [bare(user) for user in people for _ in range(ROUNDS)])
    count = len(people) * ROUNDS
    print(f"first letter       {first * 1000:7.1f} ms   with its pictures ({drawn / 1024:.0f} KB)")
    print(f"letters            {letters / count * 1000:7.2f} ms   {count / letters:7.0f} a second")
    print(f"bare templates     {least / count * 1000:7.2f} ms   {count / least:7.0f} a second")
    print(
        f"ratio              {letters / least:7.2f}      largest letter {max(sizes) / 1024:.0f} KB (bar: 150)"
    )


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
