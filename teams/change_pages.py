"""What can be done to a bet on its way, and what follows from it: for its page, and for a page of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.urls import reverse

from metrics import formatting
from metrics.models import Company
from northstar.lib.policy import Subject, may
from teams import charting, goal_posts, succeeding
from teams.models import Omtm
from teams.models.omtm import CANDIDATE, RUNNING

#: Route → title of its page and of its link, the button.
CHANGES = {
    "omtm-approve": ("Approve", "Approve it"),
    "omtm-extend": ("More time", "Extend the window"),
    "omtm-retarget": ("New target", "Move the target"),
    "omtm-open-review": ("Review now", "Open the closing review"),
    "omtm-send-back": ("Back to draft", "Send it back"),
    "omtm-withdraw": ("Withdraw", "Withdraw it"),
    "omtm-follow": ("Next focus", "Go on"),
}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do: title, button, address, `line` for the link, what follows; `refusal` if it cannot."""

    route: str
    omtm: Omtm
    line: str
    follows: tuple[str, ...] = ()
    refusal: str = ""

    @property
    def title(self) -> str:
        return CHANGES[self.route][0]

    @property
    def button(self) -> str:
        return CHANGES[self.route][1]

    @property
    def url(self) -> str:
        return reverse(self.route, args=[self.omtm.pk])


def offered(omtm: Omtm, *, subject: Subject, company: Company, today: date) -> list[Change]:
    """What this person can do to it today, for its page; at most one query."""
    return [change for change in _allowed(omtm, subject, company, today) if not change.refusal]


def extension(omtm: Omtm, today: date) -> Change:
    """More time, once."""
    latest = goal_posts.last_end(omtm)
    refusal = ""
    if omtm.state not in RUNNING:
        refusal = "Only a running focus is extended."
    elif omtm.original_end is not None:
        refusal = f"{omtm} was extended already; a window is extended once."
    elif not max(omtm.end, today) < latest:
        refusal = f"{omtm} has no day left to extend to: six months from its first day are the most."
    until = formatting.day_words(latest)
    return Change(
        "omtm-extend",
        omtm,
        line=f"Once, until {until} at most.",
        follows=(
            f"The window ends on {formatting.day_words(omtm.end)} now. It can end up to {until}, six months "
            "from its first day, and it is extended once.",
            "The first end and the target stay on the record. A target that is reached only in the extra "
            "time counts as achieved late.",
            _ASKED,
        ),
        refusal=refusal,
    )


def retarget(omtm: Omtm, today: date) -> Change:
    """Another target, early or after a correction."""
    last = goal_posts.last_free_day(omtm)
    early = today <= last
    until = formatting.day_words(last)
    rule = "later only where the metric itself was corrected"
    return Change(
        "omtm-retarget",
        omtm,
        line=f"Until {until}; {rule}." if early else "Only where the metric itself was corrected.",
        follows=(
            f"It aims for {charting.goal_words(omtm)['to_words']} now.",
            f"A target moves in the first quarter of its window, until {until}; {rule}.",
            "The old target stays drawn in the chart and is counted on the record.",
            _ASKED,
        ),
        refusal="" if omtm.state == "active" else "Only the target of a running focus can move.",
    )


def early_review(omtm: Omtm, today: date) -> Change:
    """The closing review before the window ends."""
    return Change(
        "omtm-open-review",
        omtm,
        line="Opens the closing review before the window ends.",
        follows=(
            "The numbers are frozen as of today, and the closing review is due in two weeks.",
            f"The team starts nothing new before it is retired, or before "
            f"{formatting.day_words(omtm.end)}, when its window ends.",
            "It can still be given more time instead.",
        ),
        refusal="" if omtm.state == "active" else "Only a running focus is reviewed.",
    )


def back(omtm: Omtm) -> Change:
    """A draft again."""
    committed = omtm.state == "committed"
    thaws = "Baseline and definition are frozen anew when it is committed again, and the team is asked anew."
    return Change(
        "omtm-send-back",
        omtm,
        line="Takes the commitment back, to think it over." if committed else "To think it over.",
        follows=("It becomes a draft that the team can change.", *((thaws,) if committed else ())),
        refusal=""
        if omtm.state in ("proposed", "committed")
        else "Only what has not begun goes back to draft.",
    )


def withdrawal(omtm: Omtm) -> Change:
    """Nothing comes of it."""
    return Change(
        "omtm-withdraw",
        omtm,
        line="Nothing comes of it; the reason stays.",
        follows=("It leaves the candidates of the team for good; the reason stays on its page.",),
        refusal="" if omtm.state in (*CANDIDATE, "committed") else "It has begun; retire it instead.",
    )


def approval(omtm: Omtm) -> Change:
    """The second key."""
    waits = omtm.state == "proposed" and omtm.approval_asked_at is not None
    start, end = (formatting.day_words(day) for day in (omtm.start, omtm.end))
    return Change(
        "omtm-approve",
        omtm,
        line=f"{omtm.approval_asked_by or 'The lead'} asks for it." if waits else "",
        follows=(
            f"It runs from {start} to {end}; baseline, target and definition are frozen with your approval.",
            "To have it changed first, send it back with a reason.",
        ),
        refusal="" if waits else f"{omtm} does not wait for approval.",
    )


def succession(omtm: Omtm) -> Change:
    """What follows a retired bet; one query."""
    after = succeeding.follower(omtm) if omtm.state == "retired" else None
    refusal = "" if omtm.state == "retired" else "Only a retired focus is followed by the next one."
    return Change(
        "omtm-follow",
        omtm,
        line="The same metric again, or another one.",
        follows=(
            "You get a draft that remembers what it follows, and go on to its five answers.",
            "The same metric begins at the final reading of this bet; its target is yours to name.",
        ),
        refusal=f"{after} follows it already." if after is not None else refusal,
    )


_ASKED = "Everybody of the team is asked again whether they are in."


def _allowed(omtm: Omtm, subject: Subject, company: Company, today: date) -> Iterator[Change]:
    leader = may(subject, "omtm.approve", omtm)
    if leader and omtm.approval_asked_at is not None:
        yield approval(omtm)
    if may(subject, "omtm.move_goal", omtm) and (leader or not company.two_key_commit):
        yield extension(omtm, today)
        yield retarget(omtm, today)
    if may(subject, "omtm.review", omtm):
        yield early_review(omtm, today)
    if may(subject, "omtm.send_back", omtm):
        yield back(omtm)
    if may(subject, withdrawing(omtm), omtm):
        yield withdrawal(omtm)
    if omtm.state == "retired" and may(subject, "omtm.follow", omtm):
        yield succession(omtm)


def withdrawing(omtm: Omtm) -> str:
    """The policy action: whoever had an idea may withdraw it, a commitment is the lead's."""
    return "candidate.withdraw" if omtm.state in CANDIDATE else "omtm.withdraw"
