"""The weekly reviews of the demo company: three frozen Mondays with what people said about them.

Worked out today from the values up to each week, as the worker would have frozen them at 07:00.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from metrics.models import Company, Metric
from northstar.demo.days import Days
from teams import weekly
from teams.digests import announcing
from teams.models import Delivery, User, WeeklyRemark, WeeklyReview
from teams.reminders import rules

WEEKS = (-2, -1, 0)


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody wrote about the line of a series in the review of a week, on the Monday after it."""

    week: int
    series: str
    author: str
    at: str
    text: str


SAID = (
    Said(-2, "activation", "hanno", "09:05", "Unknown, looking into it."),
    Said(
        -2,
        "activation",
        "solveig",
        "10:30",
        "The import of job lists is in every trial since 12 days; trials with a list get further.",
    ),
    Said(-2, "same_day_moves", "teo", "08:40", "Autumn storms; fewer moves than in October all the same."),
    Said(-2, "crew_lapse", "bruno", "09:20", "Two accounts lost their crews to winter work. Visits booked."),
    Said(-2, "trial_to_paid", "amara", "09:35", "Half of the calls reach nobody. We call before eight now."),
    Said(-2, "lapsed_crews", "bruno", "09:22", "The same as the lapse rate: 14 of them in two accounts."),
    Said(-2, "new_paid", "idris", "08:55", "The guild's spring trials pay now; we expected them."),
    Said(
        -2,
        "wac",
        "yuki",
        "08:15",
        "Sign-in outage on Thursday, 5 hours: crews whose third job was that day are missing.",
    ),
    Said(-2, "qual_trials", "idris", "08:58", "The guild again. It stays; new limits are due."),
    Said(-2, "engaged", "teo", "10:10", "Thursday's outage, as for the North Star."),
    Said(-1, "activation", "solveig", "09:10", "The import again: first whole week with it for everybody."),
    Said(-1, "same_day_moves", "teo", "08:50", "The window ends here. The closing review is being written."),
    Said(-1, "crew_lapse", "bruno", "09:25", "Better than it was; four visits done, five to come."),
    Said(-1, "trial_to_paid", "amara", "09:40", "Calls before eight reach two of three. Too early to tell."),
    Said(-1, "new_crews", "solveig", "09:12", "One account in Lyon brought 11 crews at once."),
    Said(-1, "new_paid", "idris", "09:00", "Same as last week."),
    Said(-1, "wac", "maren", "11:00", "Known: growth is slower than the new target asks for."),
    Said(-1, "engaged", "teo", "10:05", "Unknown, looking into it."),
    Said(0, "activation", "solveig", "09:15", "The import works. New limits after the half-way review."),
    Said(
        0,
        "crew_lapse",
        "kaja",
        "08:45",
        "Crews that stop were on accounts nobody had visited. List is with the leads.",
    ),
    Said(0, "trial_to_paid", "jonas", "09:30", "Calls before eight: 3.4% twice in a row. One more week."),
    Said(0, "wac", "freya", "08:20", "Unknown, looking into it."),
    Said(
        0,
        "wac",
        "maren",
        "11:05",
        "Back to growth after the outage, but the engaged share eats what new accounts bring.",
    ),
    Said(0, "engaged", "teo", "10:15", "Unknown, looking into it."),
)


def freeze(metrics: Mapping[str, Metric], users: Mapping[str, User], *, company: Company, days: Days) -> None:
    """The reviews of the newest weeks, and the remarks on what was an exception in them."""
    for week in WEEKS:
        at = days.moment(days.monday(week + 1), "07:00")
        content, late = weekly.compose(days.monday(week), at, company=company, replayed=True)
        review = WeeklyReview.objects.create(
            week=days.monday(week), frozen_at=at, late_sources=late, content=content, is_demo=True
        )
        asked = {line["metric"]: line["key"] for line in content["lines"] if line["exception"]}
        for said in SAID:
            if said.week == week and (key := asked.get(metrics[said.series].pk)):
                _say(review, key, said, author=users[said.author], days=days)


def send_letter(*, days: Days) -> None:
    """The letter about the newest of them has left on that Monday; only Maren has not seen it yet."""
    at = min(days.moment(days.monday(1), "08:00"), days.now)
    announcing.announce(at)
    told = Delivery.objects.filter(reminder__rule=rules.WEEKLY_READY)
    told.update(state="sent", sent_at=at, next_due_at=None)
    told.filter(channel="app").exclude(recipient__email__startswith="maren@").update(seen_at=at)


def _say(review: WeeklyReview, key: str, said: Said, *, author: User, days: Days) -> None:
    row = WeeklyRemark.objects.create(review=review, line=key, text=said.text, author=author)
    at = days.moment(days.monday(said.week + 1), said.at)
    WeeklyRemark.objects.filter(pk=row.pk).update(created_at=at)
