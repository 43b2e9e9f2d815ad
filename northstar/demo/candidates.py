"""What Core Scheduling could push next (domain 9, number 8), and who is in with what teams push now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from metrics.models import Driver, Metric
from northstar.demo.days import Days
from northstar.demo.deeds import done
from northstar.lib import windows
from teams.idea import next_monday
from teams.models import Commitment, Guardrail, Membership, Omtm, Score, Team, User

#: Everybody has been there since before the first bet, so that every answer counts.
JOINED_WEEK = -60


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered; `reply` by the lead of the team."""

    answer: str = "in"
    note: str = ""
    reply: str = ""


IN = Said()


@dataclass(frozen=True, slots=True)
class Thought:
    """A candidate, proposed or (0 days ago) not yet; scores are (impact, confidence, ease)."""

    series: str
    name: str
    author: str
    target: str
    effect: str
    days_ago: int
    proposed_days_ago: int
    why: str
    guard: tuple[str, str, str]
    scores: Mapping[str, tuple[int, int, int]]
    said: Mapping[str, Said] = field(default_factory=dict)


THOUGHTS = (
    Thought(
        "jobs",
        "Jobs per active crew and week",
        "teo",
        "16",
        "110",
        23,
        12,
        "We believe that a crew which sees tomorrow's gaps on its phone fills them itself, because half of "
        "the gaps we looked at could have been filled by a job in the next street.",
        ("corrected_jobs", "at_most", "0.06"),
        {"teo": (9, 7, 6), "mirja": (8, 5, 6), "obi": (9, 8, 3), "tamsin": (6, 7, 6)},
        {
            "teo": IN,
            "obi": IN,
            "mirja": Said(
                "in_with_concern",
                "Lift crews do one long job a day. The mean may fall just because we win more of them.",
            ),
        },
    ),
    Thought(
        "auto_assign",
        "Auto-assign that dispatchers can edit",
        "tamsin",
        "0.28",
        "60",
        5,
        0,
        "We believe that dispatchers come back to auto-assign once they can move what it proposes, because "
        "they closed it over single jobs in the wrong place.",
        ("corrected_jobs", "at_most", "0.06"),
        {"tamsin": (7, 7, 4), "obi": (6, 3, 5)},
    ),
)

#: Team → who said what of the bet that runs; nobody is left out for good, and one has not answered yet.
RUNNING: Mapping[str, Mapping[str, Said]] = {
    "onboarding": {
        "solveig": IN,
        "hanno": IN,
        "ines": Said(
            "in_with_concern",
            "The import brings calls. If they keep coming, nobody of us is free for the second job.",
            "We stop the import for a week if contacts pass 9 in two weeks running; that is the guardrail.",
        ),
    },
    "sales": {"amara": IN, "jonas": IN, "priya": IN},
    "customer-success": {"bruno": IN, "kaja": IN, "silas": IN},
    "platform": {"yuki": IN, "dario": IN, "freya": IN},
    "marketing": {"idris": IN, "lene": IN},
}


def tell(metrics: Mapping[str, Metric], users: Mapping[str, User], days: Days) -> None:
    """Candidates with their scores, and what people said of the bets that run."""
    joined = days.moment(days.monday(JOINED_WEEK))
    Membership.objects.filter(team__is_demo=True, user__is_demo=True).update(since=joined)
    Team.objects.filter(is_demo=True).update(created_at=joined)
    team = Team.objects.get(slug="core-scheduling")
    for thought in THOUGHTS:
        _write_down(thought, team, metrics, users, days=days)
    for slug, said in RUNNING.items():
        omtm = Omtm.objects.active().get(team__slug=slug, is_demo=True)
        if omtm.reviews.filter(kind="midpoint").exists():
            # As when its half-way review opened: everybody was asked again.
            omtm.commitment_round = 2
            omtm.save(update_fields=["commitment_round"])
        _answer(omtm, said, users, days=days)


def _write_down(
    thought: Thought, team: Team, metrics: Mapping[str, Metric], users: Mapping[str, User], *, days: Days
) -> None:
    metric, author = metrics[thought.series], users[thought.author]
    written = days.moment(days.today - timedelta(days=thought.days_ago), "14:10")
    proposed = None
    if thought.proposed_days_ago:
        proposed = days.moment(days.today - timedelta(days=thought.proposed_days_ago), "10:05")
    start = next_monday(days.today)
    omtm = Omtm.objects.create(
        team=team,
        metric=metric,
        name=thought.name,
        state="proposed" if proposed else "draft",
        why=thought.why,
        driver=Driver.objects.filter(north_star__is_demo=True, metric=metric).first(),
        expected_effect=Decimal(thought.effect),
        effect_weeks=6,
        direction=metric.direction,
        unit=metric.unit,
        target=Decimal(thought.target),
        start=start,
        end=windows.window_end(start, 3),
        created_by=author,
        proposed_at=proposed,
        scoring_opened_at=proposed or written,
        is_demo=True,
    )
    Omtm.objects.filter(pk=omtm.pk).update(created_at=written)
    key, side, limit = thought.guard
    Guardrail.objects.create(omtm=omtm, metric=metrics[key], side=side, limit=Decimal(limit))
    done("omtm.drafted", omtm, written, actor=author, after={"state": "draft"})
    if proposed:
        done("omtm.proposed", omtm, proposed, actor=author, after={"state": "proposed"}, reason=thought.why)
    _score(omtm, thought, users, days=days)
    _answer(omtm, thought.said, users, days=days)


def _score(omtm: Omtm, thought: Thought, users: Mapping[str, User], *, days: Days) -> None:
    names = ("impact", "confidence", "ease")
    Score.objects.bulk_create(
        Score(
            omtm=omtm, person=users[who], method="ice", **dict(zip(names, map(Decimal, values), strict=True))
        )
        for who, values in thought.scores.items()
    )
    last = days.moment(days.today - timedelta(days=max(1, thought.proposed_days_ago - 2)), "16:30")
    omtm.scores.update(scored_at=last)
    if len(thought.scores) == omtm.team.memberships.count():
        omtm.scoring_closed_at = last
        omtm.save(update_fields=["scoring_closed_at"])


def _answer(omtm: Omtm, said: Mapping[str, Said], users: Mapping[str, User], *, days: Days) -> None:
    """Answers of the present round, on the days after people were asked."""
    asked = omtm.committed_at or omtm.proposed_at or days.now
    held = omtm.reviews.filter(kind="midpoint").values_list("held_at", flat=True).first()
    at = min(days.now, (held or asked) + timedelta(hours=3))
    lead = omtm.team.memberships.filter(role="lead").first()
    for who, word in said.items():
        row = Commitment.objects.create(
            omtm=omtm,
            person=users[who],
            asked_in=omtm.commitment_round,
            answer=word.answer,
            note=word.note,
            reply=word.reply,
            replied_by=lead.user if word.reply and lead else None,
            replied_at=min(days.now, at + timedelta(days=1)) if word.reply else None,
        )
        Commitment.objects.filter(pk=row.pk).update(answered_at=at)
