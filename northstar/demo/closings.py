"""The closing reviews of the demo company: two that were held, and one that is being written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from northstar.demo.days import Days
from teams.models import Omtm, Review, User


@dataclass(frozen=True, slots=True)
class Answers:
    """What was answered beside what happened and what was learnt; actions as (week, what)."""

    verdict: str
    because: str
    actions: tuple[tuple[int, str], ...]
    more: Mapping[str, str]

    def as_kept(self, days: Days) -> dict[str, Any]:
        """As the form would have stored them."""
        actions = [{"day": days.monday(week).isoformat(), "text": what} for week, what in self.actions]
        return {"hypothesis": self.verdict, "because": self.because, "actions": actions, **self.more}


#: By the number of the bet in domain 9.
ANSWERED: dict[int, Answers] = {
    7: Answers(
        verdict="not_supported",
        because="One crew in five uses it, not one in four. Where it is used it does save the hour.",
        actions=(
            (-42, "Automatic plans for everybody who asked"),
            (-36, "Showed dispatchers how a plan is made"),
            (-30, "Second release: travel times from the phones"),
        ),
        more={
            "others": "The year-end closure fell into the first weeks; they were hardly a test.",
            "driver": "no",
            "keep": "Watching a dispatcher for a morning before we build.",
            "stop": "Releases that replace what people did by hand in one step.",
            "bottleneck": "yes",
        },
    ),
    6: Answers(
        verdict="supported",
        because="A third of the new trials name the guild. They have four crews on average; others have two.",
        actions=(
            (-34, "Six pages in the guild's magazine"),
            (-30, "Campaign week with the guild"),
            (-26, "Stopped the trade fair"),
        ),
        more={
            "others": "Spring: trials rise every year between March and May, by about a tenth.",
            "paid": "Onboarding had more calls in the campaign week; contacts stayed within their limit.",
            "driver": "yes",
            "keep": "The guild, every second month.",
            "stop": "Search advertisements.",
            "bottleneck": "no",
        },
    ),
    10: Answers(
        verdict="supported",
        because="Fleets that got the letter took the month at once; one in three said price had kept them.",
        actions=(
            (-13, "One month free for whole fleets, on the price page"),
            (-9, "Letter to the 40 largest companies of the guild"),
        ),
        more={
            "others": "Autumn is when heating crews are hired; last year it was about half of this.",
            "paid": "Support: calls rose above the limit for two weeks, while its lines were down as well.",
            "driver": "yes",
            "keep": "The letter to the guild.",
            "stop": "Offers that everybody takes in the same week.",
            "bottleneck": "no",
        },
    ),
}
#: Teo is half way through the review of bet 9.
TYPED = {
    "reason": "Dispatchers who use the evening view move one job in six on the day, the others still one in "
    "four. Two of three teams use it by now; the third has no time for it in the evening and",
    "verdict": "supported",
    "because": "Where plans are edited the evening before, moves fell within a week and stayed down.",
    "action_1": "Evening view for the two large depots",
    "decision": "retire",
}


def typing(omtm: Omtm, author: User, days: Days) -> None:
    """What stands in the open closing review, as it saved itself this morning."""
    Review.objects.filter(omtm=omtm, kind="closing").update(
        draft={"fields": TYPED | {"action_1_on": days.monday(-12).isoformat()}},
        draft_no=14,
        draft_by=author,
        draft_at=days.moment(days.today, "08:42"),
    )
